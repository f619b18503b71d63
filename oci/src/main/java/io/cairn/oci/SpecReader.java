package io.cairn.oci;

import com.fasterxml.jackson.databind.JsonNode;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;

/** An {@link OciSpec} out of config.json, the mirror of {@link SpecWriter}. */
final class SpecReader {
    private SpecReader() {}

    static OciSpec spec(JsonNode tree) throws Refused {
        var in = new JsonIn(tree, "config");
        var root = in.objectOrEmpty("root");
        return new OciSpec(
                in.textOr("ociVersion", OciSpec.VERSION),
                in.object("process", SpecReader::process),
                new OciSpec.Root(root.textOr("path", ""), root.flag("readonly")),
                in.text("hostname"),
                in.list("mounts", SpecReader::mount),
                in.textMap("annotations"),
                hooks(in.objectOrEmpty("hooks")),
                linux(in.objectOrEmpty("linux")));
    }

    private static Map<String, List<OciSpec.Hook>> hooks(JsonIn in) throws Refused {
        Map<String, List<OciSpec.Hook>> hooks = LinkedHashMap.empty();
        for (var entry : in.node().properties()) {
            hooks = hooks.put(entry.getKey(), in.list(entry.getKey(), OciSpec.Hook::read));
        }
        return hooks;
    }

    static OciSpec.Process process(JsonIn in) throws Refused {
        return new OciSpec.Process(
                in.flag("terminal"),
                in.object("consoleSize", SpecReader::consoleSize),
                user(in.objectOrEmpty("user")),
                in.texts("args"),
                in.texts("env"),
                in.textOr("cwd", "/"),
                in.object("capabilities", SpecReader::capabilities),
                in.list("rlimits", r -> new OciSpec.Rlimit(r.textOr("type", ""), r.unsigned("soft"), r.unsigned("hard"))),
                in.flag("noNewPrivileges"),
                in.text("apparmorProfile"),
                in.smallNumber("oomScoreAdj"),
                in.text("selinuxLabel"));
    }

    private static OciSpec.ConsoleSize consoleSize(JsonIn in) throws Refused {
        return new OciSpec.ConsoleSize(in.smallNumber("height").getOrElse(0), in.smallNumber("width").getOrElse(0));
    }

    private static OciSpec.User user(JsonIn in) throws Refused {
        return new OciSpec.User(
                in.number("uid").getOrElse(0L),
                in.number("gid").getOrElse(0L),
                in.numbers("additionalGids"));
    }

    private static OciSpec.Capabilities capabilities(JsonIn in) throws Refused {
        return new OciSpec.Capabilities(
                in.texts("bounding"), in.texts("effective"), in.texts("inheritable"), in.texts("permitted"), in.texts("ambient"));
    }

    private static OciSpec.Mount mount(JsonIn in) throws Refused {
        return new OciSpec.Mount(
                in.textOr("destination", ""),
                in.textOr("type", ""),
                in.textOr("source", ""),
                in.texts("options"),
                in.list("uidMappings", SpecReader::idMapping),
                in.list("gidMappings", SpecReader::idMapping));
    }

    private static OciSpec.IdMapping idMapping(JsonIn in) throws Refused {
        return new OciSpec.IdMapping(
                in.number("containerID").getOrElse(0L), in.number("hostID").getOrElse(0L), in.number("size").getOrElse(0L));
    }

    private static OciSpec.Linux linux(JsonIn in) throws Refused {
        return new OciSpec.Linux(
                in.list("uidMappings", SpecReader::idMapping),
                in.list("gidMappings", SpecReader::idMapping),
                resources(in.objectOrEmpty("resources")),
                in.text("cgroupsPath"),
                in.list("namespaces", n -> new OciSpec.Namespace(n.textOr("type", ""), n.text("path"))),
                in.list("devices", SpecReader::device),
                in.object("seccomp", SpecReader::seccomp),
                in.text("rootfsPropagation"),
                in.texts("maskedPaths"),
                in.texts("readonlyPaths"),
                in.text("mountLabel"));
    }

    private static OciSpec.Resources resources(JsonIn in) throws Refused {
        JsonIn memory = in.objectOrEmpty("memory");
        JsonIn cpu = in.objectOrEmpty("cpu");
        return new OciSpec.Resources(
                in.list("devices", SpecReader::deviceRule),
                new OciSpec.Memory(memory.number("limit"), memory.number("swap")),
                new OciSpec.Cpu(cpu.number("shares"), cpu.number("quota"), cpu.number("period"), cpu.text("cpus"), cpu.text("mems")),
                in.list("hugepageLimits", h -> new OciSpec.HugepageLimit(h.textOr("pageSize", ""), h.unsigned("limit"))),
                in.textMap("unified"));
    }

    private static OciSpec.DeviceRule deviceRule(JsonIn in) throws Refused {
        return new OciSpec.DeviceRule(
                in.flag("allow"), in.text("type"), in.number("major"), in.number("minor"), in.textOr("access", ""));
    }

    private static OciSpec.Device device(JsonIn in) throws Refused {
        return new OciSpec.Device(
                in.textOr("path", ""),
                in.textOr("type", ""),
                in.number("major").getOrElse(0L),
                in.number("minor").getOrElse(0L),
                in.smallNumber("fileMode").getOrElse(0),
                in.number("uid").getOrElse(0L),
                in.number("gid").getOrElse(0L));
    }

    static OciSpec.Seccomp seccomp(JsonIn in) throws Refused {
        return new OciSpec.Seccomp(
                in.textOr("defaultAction", ""),
                in.number("defaultErrnoRet"),
                in.texts("architectures"),
                in.texts("flags"),
                in.list("syscalls", SpecReader::syscall));
    }

    static OciSpec.Syscall syscall(JsonIn in) throws Refused {
        return new OciSpec.Syscall(
                in.texts("names"), in.textOr("action", ""), in.number("errnoRet"), in.list("args", SpecReader::syscallArg));
    }

    private static OciSpec.SyscallArg syscallArg(JsonIn in) throws Refused {
        Option<Integer> index = in.smallNumber("index");
        return new OciSpec.SyscallArg(index.getOrElse(0), in.unsigned("value"), in.unsigned("valueTwo"), in.textOr("op", ""));
    }
}
