package io.cairn.oci;

import com.google.protobuf.ByteString;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.PodSandboxConfig;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * Everything {@link SpecBuilder} looks at. Made with {@link #of}, refined with the {@code with} methods.
 *
 * @param config mounts must exist on the host and image mounts must already have a host_path: that is the caller's duty
 * @param rootfs the container's root as the OCI runtime will see it; relative to the bundle or absolute
 * @param rootfsReadonly read-only even if the CRI does not ask for it
 * @param hostMounts looked at for mounts with propagation only
 * @param seccompProfile the bytes of the file that a Localhost profile names
 * @param rlimits limits from the daemon's configuration; the CRI has none
 * @param cdi looked at for CDI devices only
 */
public record SpecRequest(
        String containerId,
        String sandboxId,
        ContainerConfig config,
        PodSandboxConfig sandbox,
        ImageConfig image,
        Path rootfs,
        boolean rootfsReadonly,
        PodNamespaces namespaces,
        CgroupDriver cgroupDriver,
        PodFiles podFiles,
        HostFacts host,
        UserDatabase users,
        MountTable hostMounts,
        HostDevices hostDevices,
        Option<ByteString> seccompProfile,
        List<OciSpec.Rlimit> rlimits,
        CdiSpecs cdi) {

    /**
     * The file that {@link #withSeccompProfile} must be given the content of; none when the container needs none.
     *
     * @return InvalidRequest when the profile cannot be understood
     */
    public static Either<SpecProblem, Option<Path>> seccompFile(ContainerConfig config) {
        return SecurityPlan.seccompFile(config.getLinux().getSecurityContext());
    }

    /** A request without pod files, without users in the image, with the mounts and devices of the running host. */
    public static SpecRequest of(
            String containerId,
            String sandboxId,
            ContainerConfig config,
            PodSandboxConfig sandbox,
            ImageConfig image,
            Path rootfs,
            PodNamespaces namespaces,
            CgroupDriver cgroupDriver,
            HostFacts host) {
        return new SpecRequest(
                containerId,
                sandboxId,
                config,
                sandbox,
                image,
                rootfs,
                false,
                namespaces,
                cgroupDriver,
                PodFiles.none(),
                host,
                UserDatabase.empty(),
                MountTable.ofHost(),
                HostDevices.ofHost(),
                Option.none(),
                List.empty(),
                CdiSpecs.in(List.empty()));
    }

    public SpecRequest withRootfsReadonly() {
        return new SpecRequest(containerId, sandboxId, config, sandbox, image, rootfs, true, namespaces, cgroupDriver, podFiles, host,
                users, hostMounts, hostDevices, seccompProfile, rlimits, cdi);
    }

    public SpecRequest withPodFiles(PodFiles files) {
        return new SpecRequest(containerId, sandboxId, config, sandbox, image, rootfs, rootfsReadonly, namespaces, cgroupDriver, files,
                host, users, hostMounts, hostDevices, seccompProfile, rlimits, cdi);
    }

    public SpecRequest withUsers(UserDatabase database) {
        return new SpecRequest(containerId, sandboxId, config, sandbox, image, rootfs, rootfsReadonly, namespaces, cgroupDriver,
                podFiles, host, database, hostMounts, hostDevices, seccompProfile, rlimits, cdi);
    }

    public SpecRequest withHostMounts(MountTable table) {
        return new SpecRequest(containerId, sandboxId, config, sandbox, image, rootfs, rootfsReadonly, namespaces, cgroupDriver,
                podFiles, host, users, table, hostDevices, seccompProfile, rlimits, cdi);
    }

    public SpecRequest withHostDevices(HostDevices devices) {
        return new SpecRequest(containerId, sandboxId, config, sandbox, image, rootfs, rootfsReadonly, namespaces, cgroupDriver,
                podFiles, host, users, hostMounts, devices, seccompProfile, rlimits, cdi);
    }

    public SpecRequest withSeccompProfile(byte[] profileJson) {
        return new SpecRequest(containerId, sandboxId, config, sandbox, image, rootfs, rootfsReadonly, namespaces, cgroupDriver,
                podFiles, host, users, hostMounts, hostDevices, Option.some(ByteString.copyFrom(profileJson)), rlimits, cdi);
    }

    public SpecRequest withRlimits(List<OciSpec.Rlimit> limits) {
        return new SpecRequest(containerId, sandboxId, config, sandbox, image, rootfs, rootfsReadonly, namespaces, cgroupDriver,
                podFiles, host, users, hostMounts, hostDevices, seccompProfile, limits, cdi);
    }

    public SpecRequest withCdi(CdiSpecs specs) {
        return new SpecRequest(containerId, sandboxId, config, sandbox, image, rootfs, rootfsReadonly, namespaces, cgroupDriver,
                podFiles, host, users, hostMounts, hostDevices, seccompProfile, rlimits, specs);
    }
}
