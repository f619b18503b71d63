package io.cairn.oci;

import io.cairn.proto.cri.CDIDevice;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;

/**
 * From a CRI container config to the spec an OCI runtime runs. Changes nothing; thread-safe.
 *
 * <p>A pod's sysctls are not in its containers' specs: they belong to its namespaces and are set once, where those are made.
 * Labelling volumes (selinux_relabel) and making missing mount sources are effects on the host and the driver's work too.
 */
public final class SpecBuilder {
    private static final String ID = "[A-Za-z0-9][A-Za-z0-9_.-]{0,127}";

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
        if (!request.containerId().matches(ID) || !request.sandboxId().matches(ID)) {
            throw Refused.request("Expected ids of letters, digits, '_', '.' and '-', but they are \"%.80s\" in \"%.80s\"",
                    request.containerId(), request.sandboxId());
        }
        if (context.getPrivileged() && !request.sandbox().getLinux().getSecurityContext().getPrivileged()) {
            throw Refused.request(
                    "Expected the pod of a privileged container to be privileged too, but pod %s is not", request.sandboxId());
        }
        CdiEdits edits = request.cdi().edits(cdiDevices());
        ProcessUser user = edits.applyTo(new UserResolver(request.users()).resolve(context, request.image()));
        var namespaces = new NamespacePlan(request, clamps);
        if (namespaces.userMappings().isDefined()) {
            namespaces.userMappings().get().require(user);
        }
        boolean readonly = request.rootfsReadonly() || context.getReadonlyRootfs();
        MountPlan.Planned mounts = new MountPlan(request, namespaces).plan(readonly, edits.mounts());
        Option<SelinuxLabels> labels = SelinuxLabels.of(request, clamps);
        OciSpec.Capabilities capabilities =
                new CapabilityPlan(request.host(), clamps).plan(context.getCapabilities(), context.getPrivileged());
        var spec = new OciSpec(
                OciSpec.VERSION,
                Option.some(process(user, edits, capabilities, labels)),
                new OciSpec.Root(request.rootfs().toString(), readonly),
                namespaces.hostnameToSet(),
                mounts.mounts(),
                Annotations.of(request, clamps),
                edits.hooks(),
                linux(namespaces, mounts.rootfsPropagation(), new DevicePlan(request).plan(edits.nodes(), user), capabilities, labels));
        return new BuiltSpec(spec, user, stopSignal(), clamps.all());
    }

    private List<CdiName> cdiDevices() throws Refused {
        List<CdiName> names = List.empty();
        for (CDIDevice device : request.config().getCDIDevicesList()) {
            names = names.append(CdiName.parse(device.getName()));
        }
        return names.distinct();
    }

    private OciSpec.Process process(
            ProcessUser user, CdiEdits edits, OciSpec.Capabilities capabilities, Option<SelinuxLabels> labels) throws Refused {
        var resources = new ResourcePlan(request.host(), clamps);
        return new OciSpec.Process(
                request.config().getTty(),
                Option.none(),
                new OciSpec.User(user.uid(), user.gid(), user.supplementalGroups()),
                ProcessText.args(request.config(), request.image()),
                edits.applyTo(ProcessText.env(request.config(), request.image(), hostname())),
                ProcessText.workingDir(request.config(), request.image()),
                Option.some(capabilities),
                RlimitPlan.plan(request.rlimits(), request.host().daemon(), clamps),
                context.getNoNewPrivs(),
                new SecurityPlan(request).apparmor(),
                Option.some(resources.oomScoreAdj(asked())),
                labels.map(SelinuxLabels::process));
    }

    private OciSpec.Linux linux(
            NamespacePlan namespaces,
            Option<String> rootfsPropagation,
            DevicePlan.Planned devices,
            OciSpec.Capabilities capabilities,
            Option<SelinuxLabels> labels)
            throws Refused {
        boolean privileged = context.getPrivileged();
        return new OciSpec.Linux(
                namespaces.userMappings().map(UserMappings::uids).toList(),
                namespaces.userMappings().map(UserMappings::gids).toList(),
                new ResourcePlan(request.host(), clamps).plan(asked(), devices.rules()),
                Option.some(CgroupsPath.of(
                        request.sandbox().getLinux().getCgroupParent(), request.cgroupDriver(), request.containerId())),
                namespaces.namespaces(),
                devices.devices(),
                new SecurityPlan(request).seccomp(capabilities.bounding()),
                rootfsPropagation,
                privileged ? List.empty() : paths(context.getMaskedPathsList(), "masked_paths"),
                privileged ? List.empty() : paths(context.getReadonlyPathsList(), "readonly_paths"),
                labels.map(SelinuxLabels::mount));
    }

    /** Exactly what is asked: the kubelet sends the usual ones itself, and none at all for an unmasked /proc. */
    private static List<String> paths(java.util.List<String> asked, String field) throws Refused {
        List<String> paths = List.empty();
        for (String path : asked) {
            paths = paths.append(ContainerPaths.checked(path, field));
        }
        return paths;
    }

    private StopSignal stopSignal() {
        StopSignal signal = StopSignal.of(request.config(), request.image());
        Option<String> unread = request.image().stopSignal().filter(text -> StopSignal.parse(text).isEmpty());
        if (unread.isDefined() && StopSignal.ofCri(request.config().getStopSignal()).isEmpty()) {
            clamps.add("stopSignal", unread.get(), "SIGTERM", "the image's StopSignal is no signal (signal(7))");
        }
        return signal;
    }

    private LinuxContainerResources asked() {
        return request.config().getLinux().getResources();
    }

    /** A pod on the node's network has no hostname of its own. */
    private String hostname() throws Refused {
        String hostname = ProcessText.noNul("the pod's hostname", request.sandbox().getHostname());
        return hostname.isEmpty() ? request.host().hostname() : hostname;
    }
}
