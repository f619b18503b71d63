package io.cairn.oci;

import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.PodSandboxConfig;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * The one small process that holds a shared PID namespace: for a pod whose containers see each other's processes. It has no
 * capability, cannot gain any, sees a read-only root without devices of the host, and has an id that no container uses by
 * chance.
 *
 * @param id the pod's own: its labels and its cgroup are named after it
 * @param args the program and its arguments, in the rootfs
 * @param namespaces the pod's; its PID namespace is the one made here, so {@code pid} is not looked at
 */
public record InitSpec(
        String id,
        PodSandboxConfig sandbox,
        List<String> args,
        Path rootfs,
        PodNamespaces namespaces,
        CgroupDriver cgroupDriver,
        HostFacts host) {

    /** What pause containers have: killed last of the pod, since with it all its containers go. */
    private static final int OOM_SCORE_ADJ = -998;
    private static final long NOBODY_ELSES_ID = 65_535;

    public Either<SpecProblem, BuiltSpec> build() {
        return Refused.catching(this::spec);
    }

    private BuiltSpec spec() throws Refused {
        if (args.isEmpty()) {
            throw Refused.request("Expected a program for the pod's init process, but there is none");
        }
        var clamps = new Clamps();
        var options = sandbox.getLinux().getSecurityContext().getNamespaceOptions();
        Option<UserMappings> mappings = UserMappings.ofPod(options);
        Option<SelinuxLabels> labels = SelinuxLabels.of(sandbox, this.id, host);
        long id = mappings.forAll(m -> m.covers(NOBODY_ELSES_ID)) ? NOBODY_ELSES_ID : 0;
        var spec = new OciSpec(
                OciSpec.VERSION,
                Option.some(process(id, labels.map(SelinuxLabels::process), clamps)),
                new OciSpec.Root(rootfs.toString(), true),
                Option.none(),
                List.of(MountPlan.PROC, MountPlan.DEV),
                annotations(),
                LinkedHashMap.empty(),
                linux(mappings, labels.map(SelinuxLabels::mount)));
        return new BuiltSpec(spec, new ProcessUser(id, id, List.of(id)), StopSignal.TERM, clamps.all());
    }

    private OciSpec.Process process(long id, Option<String> label, Clamps clamps) throws Refused {
        var score = LinuxContainerResources.newBuilder().setOomScoreAdj(OOM_SCORE_ADJ).build();
        return new OciSpec.Process(
                false,
                Option.none(),
                new OciSpec.User(id, id, List.of(id)),
                args,
                List.of("PATH=" + ProcessText.DEFAULT_PATH),
                "/",
                Option.some(OciSpec.Capabilities.none()),
                List.empty(),
                true,
                SecurityPlan.defaultApparmor(host),
                Option.some(new ResourcePlan(host, clamps).oomScoreAdj(score)),
                label);
    }

    private LinkedHashMap<String, String> annotations() {
        var pod = sandbox.getMetadata();
        return LinkedHashMap.of(
                Annotations.PREFIX + "container-type", "sandbox",
                Annotations.PREFIX + "sandbox-id", id,
                Annotations.PREFIX + "sandbox-name", pod.getName(),
                Annotations.PREFIX + "sandbox-namespace", pod.getNamespace(),
                Annotations.PREFIX + "sandbox-uid", pod.getUid());
    }

    private OciSpec.Linux linux(Option<UserMappings> mappings, Option<String> mountLabel) throws Refused {
        return new OciSpec.Linux(
                mappings.map(UserMappings::uids).toList(),
                mappings.map(UserMappings::gids).toList(),
                new ResourcePlan(host, new Clamps()).plan(LinuxContainerResources.getDefaultInstance(), DevicePlan.defaultRules()),
                Option.some(CgroupsPath.of(sandbox.getLinux().getCgroupParent(), cgroupDriver, id)),
                joined(mappings.isDefined()),
                List.empty(),
                host.security().seccomp()
                        ? Option.some(SeccompDefault.profile(host.architecture(), List.empty()))
                        : Option.none(),
                Option.none(),
                List.of("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug"),
                List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"),
                mountLabel);
    }

    private List<OciSpec.Namespace> joined(boolean ownUsers) {
        return List.of(new OciSpec.Namespace("mount", Option.none()), new OciSpec.Namespace("pid", Option.none()))
                .appendAll(namespaces.network().map(p -> new OciSpec.Namespace("network", Option.some(p.toString()))))
                .appendAll(namespaces.ipc().map(p -> new OciSpec.Namespace("ipc", Option.some(p.toString()))))
                .appendAll(namespaces.uts().map(p -> new OciSpec.Namespace("uts", Option.some(p.toString()))))
                .appendAll(Option.when(ownUsers, new OciSpec.Namespace("user", namespaces.user().map(Path::toString))));
    }
}
