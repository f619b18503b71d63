package io.cairn.driver.docker;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.ApiVersion;
import io.cairn.oci.BuiltSpec;
import io.cairn.oci.OciSpec;
import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;

/**
 * What a container may do, in the engine's words. Its privileged mode gives all capabilities of the kernel or fails: where this host does not
 * allow all of them, a privileged container is asked for piece by piece.
 *
 * @param all the engine's privileged mode
 * @param capabilities where it is not
 * @param told what is given otherwise than asked
 */
record Privileges(boolean all, List<String> capabilities, Vector<String> told) {
    /** Unknown to engines before API 1.42; who asks for all capabilities has not asked for these by name. */
    private static final Set<String> NEWER = HashSet.of("CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE");
    private static final ApiVersion NEWER_API = new ApiVersion(1, 42);

    static Privileges of(ContainerSpec asked, BuiltSpec built, Refusals engine) throws DriverException {
        LinuxContainerSecurityContext context = asked.config().getLinux().getSecurityContext();
        List<String> bounding = built.spec().process().map(OciSpec.Process::capabilities).get().get().bounding();
        boolean limited = built.clamps().exists(clamp -> clamp.subject().equals("process.capabilities"));
        if (context.getPrivileged() && !limited) {
            return new Privileges(true, bounding, Vector.empty());
        }
        List<String> unknown = engine.api().compareTo(NEWER_API) < 0 ? bounding.filter(NEWER::contains) : List.empty();
        for (String name : unknown) {
            if (List.ofAll(context.getCapabilities().getAddCapabilitiesList()).exists(add -> name.endsWith(add.toUpperCase(java.util.Locale.ROOT)))) {
                throw engine.refused(asked, "give the capability " + name);
            }
        }
        Vector<String> told = Vector.empty();
        if (!unknown.isEmpty()) {
            told = told.append("process.capabilities: nothing instead of %s, since docker %s does not know them".formatted(unknown.mkString(" "), engine.version()));
        }
        if (context.getPrivileged()) {
            told = told.append("privileged: /sys is read-only instead of writable, since docker's own mode takes all capabilities, and this host does not allow all");
        }
        return new Privileges(false, bounding.removeAll(unknown), told);
    }
}
