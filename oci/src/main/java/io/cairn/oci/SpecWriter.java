package io.cairn.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.oci.Json.Fields;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;

/** config.json out of an {@link OciSpec}: one method per object of the specification, fields in its order. */
final class SpecWriter {
    private SpecWriter() {}

    static ObjectNode spec(OciSpec spec) {
        return Json.fields()
                .put("ociVersion", spec.ociVersion())
                .object("process", spec.process(), SpecWriter::process)
                .object("root", Option.of(spec.root()), SpecWriter::root)
                .text("hostname", spec.hostname())
                .list("mounts", spec.mounts(), SpecWriter::mount)
                .texts("annotations", spec.annotations())
                .unlessEmpty("hooks", hooks(spec.hooks()))
                .object("linux", Option.of(spec.linux()), SpecWriter::linux)
                .node();
    }

    private static ObjectNode hooks(Map<String, List<OciSpec.Hook>> hooks) {
        return hooks.foldLeft(Json.fields(), (fields, hook) -> fields.list(hook._1(), hook._2(), SpecWriter::hook)).node();
    }

    private static JsonNode hook(OciSpec.Hook hook) {
        return Json.fields().put("path", hook.path()).texts("args", hook.args()).texts("env", hook.env()).number("timeout", hook.timeout())
                .node();
    }

    static ObjectNode process(OciSpec.Process p) {
        return Json.fields()
                .put("terminal", p.terminal())
                .object("consoleSize", p.consoleSize(), SpecWriter::consoleSize)
                .object("user", Option.of(p.user()), SpecWriter::user)
                .texts("args", p.args())
                .texts("env", p.env())
                .put("cwd", p.cwd())
                .object("capabilities", p.capabilities(), SpecWriter::capabilities)
                .list("rlimits", p.rlimits(), SpecWriter::rlimit)
                .put("noNewPrivileges", p.noNewPrivileges())
                .text("apparmorProfile", p.apparmorProfile())
                .number("oomScoreAdj", p.oomScoreAdj())
                .text("selinuxLabel", p.selinuxLabel())
                .node();
    }

    private static ObjectNode consoleSize(OciSpec.ConsoleSize size) {
        return Json.fields().put("height", size.height()).put("width", size.width()).node();
    }

    private static ObjectNode user(OciSpec.User user) {
        return Json.fields()
                .put("uid", user.uid())
                .put("gid", user.gid())
                .list("additionalGids", user.additionalGids(), gid -> JsonNodeFactory.instance.numberNode(gid))
                .node();
    }

    private static ObjectNode capabilities(OciSpec.Capabilities caps) {
        return Json.fields()
                .texts("bounding", caps.bounding())
                .texts("effective", caps.effective())
                .texts("inheritable", caps.inheritable())
                .texts("permitted", caps.permitted())
                .texts("ambient", caps.ambient())
                .node();
    }

    private static JsonNode rlimit(OciSpec.Rlimit limit) {
        return Json.fields().put("type", limit.type()).putUnsigned("hard", limit.hard()).putUnsigned("soft", limit.soft()).node();
    }

    private static ObjectNode root(OciSpec.Root root) {
        return Json.fields().put("path", root.path()).put("readonly", root.readonly()).node();
    }

    private static JsonNode mount(OciSpec.Mount mount) {
        return Json.fields()
                .put("destination", mount.destination())
                .put("type", mount.type())
                .put("source", mount.source())
                .texts("options", mount.options())
                .list("uidMappings", mount.uidMappings(), SpecWriter::idMapping)
                .list("gidMappings", mount.gidMappings(), SpecWriter::idMapping)
                .node();
    }

    private static JsonNode idMapping(OciSpec.IdMapping mapping) {
        return Json.fields()
                .put("containerID", mapping.containerId())
                .put("hostID", mapping.hostId())
                .put("size", mapping.size())
                .node();
    }

    private static ObjectNode linux(OciSpec.Linux linux) {
        return Json.fields()
                .list("uidMappings", linux.uidMappings(), SpecWriter::idMapping)
                .list("gidMappings", linux.gidMappings(), SpecWriter::idMapping)
                .unlessEmpty("resources", resources(linux.resources()))
                .text("cgroupsPath", linux.cgroupsPath())
                .list("namespaces", linux.namespaces(), n -> Json.fields().put("type", n.type()).text("path", n.path()).node())
                .list("devices", linux.devices(), SpecWriter::device)
                .object("seccomp", linux.seccomp(), SpecWriter::seccomp)
                .text("rootfsPropagation", linux.rootfsPropagation())
                .texts("maskedPaths", linux.maskedPaths())
                .texts("readonlyPaths", linux.readonlyPaths())
                .text("mountLabel", linux.mountLabel())
                .node();
    }

    static ObjectNode resources(OciSpec.Resources r) {
        return Json.fields()
                .list("devices", r.devices(), SpecWriter::deviceRule)
                .unlessEmpty("memory", Json.fields().number("limit", r.memory().limit()).number("swap", r.memory().swap()).node())
                .unlessEmpty("cpu", cpu(r.cpu()))
                .list("hugepageLimits", r.hugepageLimits(), SpecWriter::hugepageLimit)
                .texts("unified", r.unified())
                .node();
    }

    private static ObjectNode cpu(OciSpec.Cpu cpu) {
        return Json.fields()
                .number("shares", cpu.shares())
                .number("quota", cpu.quota())
                .number("period", cpu.period())
                .text("cpus", cpu.cpus())
                .text("mems", cpu.mems())
                .node();
    }

    private static JsonNode hugepageLimit(OciSpec.HugepageLimit limit) {
        return Json.fields().put("pageSize", limit.pageSize()).putUnsigned("limit", limit.limit()).node();
    }

    private static JsonNode deviceRule(OciSpec.DeviceRule rule) {
        return Json.fields()
                .put("allow", rule.allow())
                .text("type", rule.type())
                .number("major", rule.major())
                .number("minor", rule.minor())
                .put("access", rule.access())
                .node();
    }

    private static JsonNode device(OciSpec.Device device) {
        return Json.fields()
                .put("path", device.path())
                .put("type", device.type())
                .put("major", device.major())
                .put("minor", device.minor())
                .put("fileMode", device.fileMode())
                .put("uid", device.uid())
                .put("gid", device.gid())
                .node();
    }

    static ObjectNode seccomp(OciSpec.Seccomp seccomp) {
        return Json.fields()
                .put("defaultAction", seccomp.defaultAction())
                .number("defaultErrnoRet", seccomp.defaultErrnoRet())
                .texts("architectures", seccomp.architectures())
                .texts("flags", seccomp.flags())
                .list("syscalls", seccomp.syscalls(), SpecWriter::syscall)
                .node();
    }

    private static JsonNode syscall(OciSpec.Syscall call) {
        return Json.fields()
                .texts("names", call.names())
                .put("action", call.action())
                .number("errnoRet", call.errnoRet())
                .list("args", call.args(), SpecWriter::syscallArg)
                .node();
    }

    private static JsonNode syscallArg(OciSpec.SyscallArg arg) {
        return Json.fields()
                .put("index", arg.index())
                .putUnsigned("value", arg.value())
                .putUnsigned("valueTwo", arg.valueTwo())
                .put("op", arg.op())
                .node();
    }
}
