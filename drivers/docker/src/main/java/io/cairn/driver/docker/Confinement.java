package io.cairn.driver.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.driver.host.FileTrees;
import io.cairn.oci.OciSpec;
import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.cairn.proto.cri.SecurityProfile.ProfileType;
import io.vavr.collection.List;
import io.vavr.control.Option;

/** From an OCI spec to what the engine calls security options. What is not confined there is not left to the engine's defaults. */
final class Confinement {
    private static final List<String> BY_DEFAULT = List.of("runtime/default", "docker/default");

    private Confinement() {}

    /** The engine's own default is made for its own version; what is in a file, or nothing, is as it was asked for. */
    static Seccomp seccomp(LinuxContainerSecurityContext context) {
        boolean byDefault = context.hasSeccomp() ? context.getSeccomp().getProfileType() == ProfileType.RuntimeDefault
                : BY_DEFAULT.contains(context.getSeccompProfilePath());
        return byDefault && !context.getPrivileged() ? Seccomp.ENGINES : Seccomp.OF_SPEC;
    }

    /** Where the filter of system calls comes from. */
    enum Seccomp {
        /** The engine has a default of its own. */
        ENGINES,
        /** As the spec has it; none is none. */
        OF_SPEC
    }

    static List<String> of(OciSpec spec, Seccomp seccomp) {
        OciSpec.Process process = spec.process().get();
        return List.of("apparmor=" + process.apparmorProfile().getOrElse("unconfined"))
                .appendAll(Option.when(process.noNewPrivileges(), "no-new-privileges:true"))
                .appendAll(seccomp == Seccomp.ENGINES ? Option.<String>none() : Option.some("seccomp=" + filter(spec.linux().seccomp())))
                .appendAll(labels(process.selinuxLabel()));
    }

    private static String filter(Option<OciSpec.Seccomp> seccomp) {
        return seccomp.isEmpty() ? "unconfined" : FileTrees.JSON.<JsonNode>valueToTree(tree(seccomp.get())).toString();
    }

    /** The engine's form of profiles has the members of the specification's. */
    private static ObjectNode tree(OciSpec.Seccomp seccomp) {
        ObjectNode profile = FileTrees.JSON.createObjectNode().put("defaultAction", seccomp.defaultAction());
        seccomp.defaultErrnoRet().forEach(errno -> profile.put("defaultErrnoRet", errno));
        seccomp.architectures().forEach(profile.putArray("architectures")::add);
        var syscalls = profile.putArray("syscalls");
        for (OciSpec.Syscall syscall : seccomp.syscalls()) {
            ObjectNode entry = syscalls.addObject().put("action", syscall.action());
            syscall.names().forEach(entry.putArray("names")::add);
            syscall.errnoRet().forEach(errno -> entry.put("errnoRet", errno));
            var args = entry.putArray("args");
            syscall.args().forEach(arg -> args.addObject().put("index", arg.index()).put("value", unsigned(arg.value()))
                    .put("valueTwo", unsigned(arg.valueTwo())).put("op", arg.op()));
        }
        return profile;
    }

    private static java.math.BigInteger unsigned(long value) {
        return new java.math.BigInteger(Long.toUnsignedString(value));
    }

    /** {@code user:role:type:level}; a level may hold colons. */
    private static List<String> labels(Option<String> selinux) {
        if (selinux.isEmpty()) {
            return List.empty();
        }
        String[] parts = selinux.get().split(":", 4);
        return List.of("user", "role", "type", "level").zip(List.of(parts)).map(part -> "label=%s:%s".formatted(part._1, part._2));
    }
}
