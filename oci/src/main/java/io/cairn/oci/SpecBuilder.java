package io.cairn.oci;

import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;

/** From a CRI container config to the spec an OCI runtime runs. Changes nothing; thread-safe. */
public final class SpecBuilder {
    private final SpecRequest request;
    private final LinuxContainerSecurityContext context;
    private final Clamps clamps = new Clamps();

    private SpecBuilder(SpecRequest request) {
        this.request = request;
        this.context = request.config().getLinux().getSecurityContext();
    }

    /** The same request gives the same bytes, as long as the host's mounts and devices it looks at are the same. */
    public static Either<SpecProblem, BuiltSpec> build(SpecRequest request) {
        return Refused.catching(() -> new SpecBuilder(request).build());
    }

    private BuiltSpec build() throws Refused {
        if (context.getPrivileged() && !request.sandbox().getLinux().getSecurityContext().getPrivileged()) {
            throw Refused.request("Expected the pod of a privileged container to be privileged too, but pod %s is not", request.sandboxId());
        }
        ProcessUser user = new UserResolver(request.users()).resolve(context, request.image());
        var namespaces = new NamespacePlan(request);
        boolean readonly = request.rootfsReadonly() || context.getReadonlyRootfs();
        MountPlan.Planned mounts = new MountPlan(request, namespaces).plan(readonly);
        var spec = new OciSpec(
                OciSpec.VERSION,
                Option.some(process(user)),
                new OciSpec.Root(request.rootfs().toString(), readonly),
                namespaces.hostnameToSet(),
                mounts.mounts(),
                Annotations.of(request, clamps),
                linux(namespaces, mounts.rootfsPropagation()));
        return new BuiltSpec(spec, user, clamps.all());
    }

    private OciSpec.Process process(ProcessUser user) throws Refused {
        var resources = new ResourcePlan(request.host(), clamps);
        return new OciSpec.Process(
                request.config().getTty(),
                Option.none(),
                new OciSpec.User(user.uid(), user.gid(), Option.none(), user.supplementalGroups()),
                ProcessText.args(request.config(), request.image()),
                ProcessText.env(request.config(), request.image(), hostname()),
                ProcessText.workingDir(request.config(), request.image()),
                Option.some(new CapabilityPlan(request.host(), clamps).plan(context.getCapabilities(), context.getPrivileged())),
                request.rlimits(),
                context.getNoNewPrivs(),
                Option.none(),
                Option.some(resources.oomScoreAdj(asked())),
                Option.none());
    }

    private OciSpec.Linux linux(NamespacePlan namespaces, Option<String> rootfsPropagation) throws Refused {
        DevicePlan.Planned devices = new DevicePlan(request).plan();
        boolean privileged = context.getPrivileged();
        return new OciSpec.Linux(
                namespaces.uidMappings(),
                namespaces.gidMappings(),
                LinkedHashMap.empty(),
                new ResourcePlan(request.host(), clamps).plan(asked(), devices.rules()),
                Option.some(CgroupsPath.of(
                        request.sandbox().getLinux().getCgroupParent(), request.cgroupDriver(), request.containerId())),
                namespaces.namespaces(),
                devices.devices(),
                Option.none(),
                rootfsPropagation,
                privileged ? List.empty() : List.ofAll(context.getMaskedPathsList()),
                privileged ? List.empty() : List.ofAll(context.getReadonlyPathsList()),
                Option.none());
    }

    private LinuxContainerResources asked() {
        return request.config().getLinux().getResources();
    }

    /** A pod on the node's network has no hostname of its own. */
    private String hostname() {
        String hostname = request.sandbox().getHostname();
        return hostname.isEmpty() ? request.host().hostname() : hostname;
    }
}
