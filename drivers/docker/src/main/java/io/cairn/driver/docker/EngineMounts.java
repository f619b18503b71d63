package io.cairn.driver.docker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.ApiVersion;
import io.cairn.driver.host.FileTrees;
import io.cairn.oci.OciSpec;
import io.vavr.collection.HashSet;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.Set;

/**
 * From the mounts of an OCI spec to those of the engine, which makes the kernel's file systems itself.
 *
 * @param api from 1.44 on the engine knows recursively read-only mounts, and makes all read-only ones so unless told otherwise
 */
record EngineMounts(String containerId, String version, ApiVersion api) {
    /** Where the engine mounts the kernel's file systems in every container. */
    private static final Set<String> KERNELS = HashSet.of("/proc", "/dev", "/dev/pts", "/dev/mqueue", "/dev/shm", "/sys", "/sys/fs/cgroup");
    private static final Set<String> PROPAGATIONS = HashSet.of("private", "rprivate", "slave", "rslave", "shared", "rshared");
    private static final Set<String> KNOWN = PROPAGATIONS.addAll(HashSet.of("bind", "rbind", "ro", "rw", "rro"));

    ArrayNode of(OciSpec spec) throws DriverException {
        // Of several at one place the engine takes none: the last one is what would be seen.
        LinkedHashMap<String, ObjectNode> binds = LinkedHashMap.empty();
        for (OciSpec.Mount mount : spec.mounts()) {
            if (mount.type().equals("bind") || !KERNELS.contains(mount.destination())) {
                binds = binds.put(mount.destination(), bind(mount));
            }
        }
        ArrayNode mounts = FileTrees.JSON.createArrayNode();
        binds.values().forEach(mounts::add);
        return mounts;
    }

    private ObjectNode bind(OciSpec.Mount mount) throws DriverException {
        boolean recursive = mount.options().contains("rro");
        if (!mount.type().equals("bind") || !mount.options().forAll(KNOWN::contains)) {
            throw refused("mount %s with the type %s and the options %s at %s", mount.source(), mount.type(), mount.options().mkString(","),
                    mount.destination());
        }
        if (mount.uidMappings().size() + mount.gidMappings().size() > 0) {
            throw refused("map the owners of the mount at %s", mount.destination());
        }
        if (recursive && !api.isAtLeast(1, 44)) {
            throw refused("make the mount at %s recursively read-only", mount.destination());
        }
        boolean readonly = recursive || mount.options().contains("ro");
        ObjectNode json = FileTrees.JSON.createObjectNode().put("Type", "bind").put("Source", mount.source()).put("Target", mount.destination())
                .put("ReadOnly", readonly);
        ObjectNode options = json.putObject("BindOptions").put("Propagation", mount.options().find(PROPAGATIONS::contains).getOrElse("rprivate"));
        if (readonly && api.isAtLeast(1, 44)) {
            options.put(recursive ? "ReadOnlyForceRecursive" : "ReadOnlyNonRecursive", true);
        }
        return json;
    }

    private DriverException refused(String what, Object... arguments) {
        return Unsupported.by(version, "Cannot create container " + containerId, what.formatted(arguments));
    }
}
