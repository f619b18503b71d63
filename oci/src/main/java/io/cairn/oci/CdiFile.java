package io.cairn.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vavr.collection.HashSet;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import java.io.IOException;

/**
 * One specification file of the Container Device Interface, versions 0.3.0 to 1.1.0.
 *
 * @param edits for a container with any of its devices
 * @param devices by name, the edits of each
 */
record CdiFile(String kind, CdiEdits edits, Map<String, CdiEdits> devices) {
    private static final Set<String> VERSIONS = HashSet.of("0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0");
    private static final Set<String> HOOKS =
            HashSet.of("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop");
    /** Changes to a container that cannot be made here; to leave them out would be to give less than the device is. */
    private static final List<String> NOT_KNOWN = List.of("intelRdt", "netDevices");
    /** jackson does not expand aliases, so that no small file becomes a large one; snakeyaml bounds length and depth. */
    private static final YAMLMapper YAML = new YAMLMapper();

    static CdiFile parse(byte[] bytes, String file) throws Refused {
        var in = new JsonIn(file.endsWith(".json") ? Json.parse(bytes, file) : yaml(bytes, file), file);
        String version = in.textOr("cdiVersion", "");
        if (!VERSIONS.contains(version)) {
            throw Refused.request("Expected cdiVersion in %s to be of %s, but it is \"%.40s\"", file, VERSIONS.toSortedSet().mkString(", "), version);
        }
        String kind = in.textOr("kind", "");
        if (!CdiName.isKind(kind)) {
            throw Refused.request("Expected kind in %s to read like vendor.com/class, but it is \"%.200s\"", file, kind);
        }
        Map<String, CdiEdits> devices = LinkedHashMap.empty();
        for (Device device : in.list("devices", CdiFile::device)) {
            if (devices.containsKey(device.name())) {
                throw Refused.request("Expected each device in %s to be there once, but %s is there twice", file, device.name());
            }
            devices = devices.put(device.name(), device.edits());
        }
        return new CdiFile(kind, in.object("containerEdits", CdiFile::edits).getOrElse(CdiEdits.NONE), devices);
    }

    private record Device(String name, CdiEdits edits) {}

    private static JsonNode yaml(byte[] bytes, String file) throws Refused {
        try {
            JsonNode tree = YAML.readTree(bytes);
            if (tree.isObject()) {
                return tree;
            }
            throw Refused.request("Expected %s to hold a YAML mapping, but it holds %s", file, tree.getNodeType());
        } catch (IOException | RuntimeException e) {
            throw Refused.request("Expected %s to be YAML, but: %.300s", file, String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}+", " "));
        }
    }

    private static Device device(JsonIn in) throws Refused {
        String name = in.textOr("name", "");
        if (!CdiName.isDevice(name)) {
            throw Refused.request("Expected %s.name to be the name of a CDI device, but it is \"%.200s\"", in.at(), name);
        }
        return new Device(name, in.object("containerEdits", CdiFile::edits).getOrElse(CdiEdits.NONE));
    }

    private static CdiEdits edits(JsonIn in) throws Refused {
        for (String field : NOT_KNOWN) {
            if (in.node().hasNonNull(field)) {
                throw Refused.host("Expected %s to change what can be changed here, but it has %s", in.at(), field);
            }
        }
        for (String entry : in.texts("env")) {
            if (ProcessText.noNul("an environment variable in " + in.at(), entry).indexOf('=') < 1) {
                throw Refused.request("Expected an environment variable KEY=value in %s, but it is \"%.80s\"", in.at(), entry);
            }
        }
        for (long gid : in.numbers("additionalGids")) {
            if (gid < 0 || gid > UserDatabase.MAX_ID) {
                throw Refused.request("Expected additionalGids in %s to be from 0 to %d, but one is %d", in.at(), UserDatabase.MAX_ID, gid);
            }
        }
        Map<String, List<OciSpec.Hook>> hooks = LinkedHashMap.empty();
        for (NamedHook hook : in.list("hooks", CdiFile::hook)) {
            hooks = hooks.put(hook.name(), hooks.getOrElse(hook.name(), List.empty()).append(hook.hook()));
        }
        // Group 0 is none to add: an absent number reads as 0 in what some tools write.
        return new CdiEdits(in.texts("env"), in.list("deviceNodes", CdiFile::node), in.list("mounts", CdiFile::mount), hooks,
                in.numbers("additionalGids").filter(gid -> gid != 0));
    }

    private record NamedHook(String name, OciSpec.Hook hook) {}

    private static NamedHook hook(JsonIn in) throws Refused {
        String name = in.textOr("hookName", "");
        if (!HOOKS.contains(name)) {
            throw Refused.request("Expected %s.hookName to be of %s, but it is \"%.80s\"", in.at(), HOOKS.toSortedSet().mkString(", "), name);
        }
        OciSpec.Hook hook = OciSpec.Hook.read(in);
        HostPaths.checked(hook.path(), in.at() + ".path");
        return new NamedHook(name, hook);
    }

    private static OciSpec.Mount mount(JsonIn in) throws Refused {
        String destination = ContainerPaths.checked(in.textOr("containerPath", ""), in.at() + ".containerPath");
        String type = in.text("type").filter(t -> !t.isEmpty()).getOrElse("bind");
        String source = ProcessText.noNul(in.at() + ".hostPath", in.textOr("hostPath", ""));
        List<String> options = in.texts("options");
        boolean bind = type.equals("bind") || options.exists(o -> o.equals("bind") || o.equals("rbind"));
        return new OciSpec.Mount(destination, type, bind ? HostPaths.checked(source, in.at() + ".hostPath") : source,
                bind && !options.exists(o -> o.equals("bind") || o.equals("rbind")) ? options.prepend("rbind") : options,
                List.empty(), List.empty());
    }

    private static CdiEdits.Node node(JsonIn in) throws Refused {
        String path = ContainerPaths.checked(in.textOr("path", ""), in.at() + ".path");
        String host = in.text("hostPath").filter(t -> !t.isEmpty()).getOrElse(path);
        String access = in.text("permissions").filter(t -> !t.isEmpty()).getOrElse("rwm");
        String type = in.textOr("type", "");
        if (!access.matches("[rwm]{1,3}") || !type.matches("[bcup]?")) {
            throw Refused.request("Expected %s to have a type of b, c, u or p and permissions of r, w and m, but they are \"%.20s\" and \"%.20s\"",
                    in.at(), type, access);
        }
        return new CdiEdits.Node(path, HostPaths.checked(host, in.at() + ".hostPath"), in.text("type").filter(t -> !t.isEmpty()),
                in.number("major"), in.number("minor"), in.smallNumber("fileMode"), access, in.number("uid"), in.number("gid"));
    }
}
