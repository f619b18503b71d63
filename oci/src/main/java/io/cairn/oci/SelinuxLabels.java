package io.cairn.oci;

import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.SELinuxOption;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * SELinux labels of a container: what the container or else its pod asks, completed with the types of the container-selinux
 * policy. Without a level, every pod gets two categories of its own, derived from its id: a pure function, so that the same
 * pod has the same label after a restart. Two pods of a node share a pair with a chance of one in half a million.
 *
 * @param process for linux.process.selinuxLabel
 * @param mount for linux.mountLabel: what the container's own file systems are labelled with
 */
record SelinuxLabels(String process, String mount) {
    private static final int CATEGORIES = 1024;

    static Option<SelinuxLabels> of(SpecRequest request, Clamps clamps) throws Refused {
        var context = request.config().getLinux().getSecurityContext();
        Option<SELinuxOption> asked = Option.when(context.hasSelinuxOptions(), context.getSelinuxOptions())
                .orElse(() -> ofPod(request.sandbox()));
        if (!request.host().security().selinux()) {
            asked.forEach(a -> clamps.add("process.selinuxLabel", label(a.getUser(), a.getRole(), a.getType(), a.getLevel()),
                    Clamps.NOTHING, "SELinux is not enabled on this node"));
            return Option.none();
        }
        return Option.some(complete(asked.getOrElse(SELinuxOption.getDefaultInstance()), context.getPrivileged(), request.sandboxId()));
    }

    /** For the pod's own init process; what cannot be had is told with its containers. */
    static Option<SelinuxLabels> of(PodSandboxConfig sandbox, String sandboxId, HostFacts host) throws Refused {
        return host.security().selinux()
                ? Option.some(complete(ofPod(sandbox).getOrElse(SELinuxOption.getDefaultInstance()), false, sandboxId))
                : Option.none();
    }

    private static Option<SELinuxOption> ofPod(PodSandboxConfig sandbox) {
        var context = sandbox.getLinux().getSecurityContext();
        return Option.when(context.hasSelinuxOptions(), context.getSelinuxOptions());
    }

    private static SelinuxLabels complete(SELinuxOption asked, boolean privileged, String sandboxId) throws Refused {
        String level = part(asked.getLevel(), privileged ? "s0" : ownCategories(sandboxId), "level");
        String user = part(asked.getUser(), "system_u", "user");
        return new SelinuxLabels(
                label(user, part(asked.getRole(), "system_r", "role"),
                        part(asked.getType(), privileged ? "spc_t" : "container_t", "type"), level),
                label(user, "object_r", "container_file_t", level));
    }

    private static String part(String asked, String otherwise, String field) throws Refused {
        if (asked.isEmpty()) {
            return otherwise;
        }
        if (!asked.matches("[A-Za-z0-9_.]{1,128}") && !(field.equals("level") && asked.matches("[a-z0-9:.,-]{1,512}"))) {
            throw Refused.request(
                    "Expected selinux_options.%s to be a part of a label like system_u:system_r:container_t:s0, but it is \"%.80s\"",
                    field,
                    asked);
        }
        return asked;
    }

    private static String label(String user, String role, String type, String level) {
        return String.join(":", user, role, type, level);
    }

    static String ownCategories(String sandboxId) {
        var sum = new CRC32C();
        sum.update(sandboxId.getBytes(StandardCharsets.UTF_8));
        // The pairs (low, high) with low < high, counted: each is as likely as any other.
        long pair = sum.getValue() % (CATEGORIES * (CATEGORIES - 1) / 2);
        int high = 1;
        while (pair >= high) {
            pair -= high++;
        }
        return "s0:c%d,c%d".formatted(pair, high);
    }
}
