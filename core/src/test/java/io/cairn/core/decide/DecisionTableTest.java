package io.cairn.core.decide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.domain.State;
import io.cairn.core.domain.Limits;
import io.cairn.core.evolve.Evolver;
import io.cairn.core.sim.Configs;
import io.cairn.core.sim.Ids;
import io.cairn.proto.cri.ContainerUser;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.HugepageLimit;
import io.cairn.proto.journal.*;
import io.vavr.collection.Vector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is answered to every command in every phase, as tables to be read. */
class DecisionTableTest {
    private static final String S = Ids.of("s");
    private static final String C = Ids.of("c");
    private static final String I = Ids.image("app");
    private static final Failure WHY = Failure.newBuilder().setMessage("it did not work").build();

    private static final LinuxContainerResources LIMITS = LinuxContainerResources.newBuilder().setCpuShares(512).build();

    /** Phase of the only sandbox, then the answers in the order of {@link #SANDBOX_COMMANDS}. */
    private static final String SANDBOXES = """
            absent            | RUN_INTENDED | RUN_INTENDED | same            | same           | NOT_FOUND | NOT_FOUND | NOT_FOUND
            creating          | BUSY         | BUSY         | same            | BUSY           | NOT_FOUND | NOT_FOUND | NOT_FOUND
            ready             | same         | NAME_TAKEN   | STOP_INTENDED   | REMOVE_INTENDED| CREATE_INTENDED | RESOURCES_UPDATED | PORT_FORWARD_BEGUN
            stopping          | BUSY         | BUSY         | BUSY            | BUSY           | WRONG_STATE | BUSY | WRONG_STATE
            stop-failed       | NAME_TAKEN   | NAME_TAKEN   | STOP_INTENDED   | REMOVE_INTENDED| WRONG_STATE | WRONG_STATE | WRONG_STATE
            stopped           | NAME_TAKEN   | NAME_TAKEN   | same            | REMOVE_INTENDED| WRONG_STATE | WRONG_STATE | WRONG_STATE
            vanished          | NAME_TAKEN   | NAME_TAKEN   | STOP_INTENDED   | REMOVE_INTENDED| WRONG_STATE | WRONG_STATE | WRONG_STATE
            removing          | BUSY         | BUSY         | BUSY            | BUSY           | WRONG_STATE | BUSY | WRONG_STATE
            remove-failed     | NAME_TAKEN   | NAME_TAKEN   | STOP_INTENDED   | REMOVE_INTENDED| WRONG_STATE | WRONG_STATE | WRONG_STATE
            run-failed        | RUN_INTENDED | RUN_INTENDED | same            | same           | NOT_FOUND | NOT_FOUND | NOT_FOUND
            left-behind       | NAME_TAKEN   | NAME_TAKEN   | STOP_INTENDED   | REMOVE_INTENDED| WRONG_STATE | WRONG_STATE | WRONG_STATE
            """;

    private static final List<Command> SANDBOX_COMMANDS = List.of(
            new Command.RunSandbox(Ids.of("new"), Configs.pod("p", 0), "", "simulated"),
            new Command.RunSandbox(Ids.of("new"), Configs.pod("p", 0).toBuilder().setHostname("other").build(), "", "simulated"),
            new Command.StopSandbox(S),
            new Command.RemoveSandbox(S),
            new Command.CreateContainer(Ids.of("new"), S, Configs.container("new", 0, "app", "sleep"), I, 15),
            new Command.UpdateSandbox(S, LIMITS, LIMITS),
            new Command.ForwardPorts(S, Vector.of(80)));

    /** Phase of the only container, then the answers in the order of {@link #CONTAINER_COMMANDS}. */
    private static final String CONTAINERS = """
            absent            | CREATE_INTENDED | CREATE_INTENDED | NOT_FOUND      | same          | same            | NOT_FOUND | NOT_FOUND | NOT_FOUND | NOT_FOUND | NOT_FOUND
            creating          | BUSY            | BUSY            | NOT_FOUND      | same          | BUSY            | NOT_FOUND | NOT_FOUND | NOT_FOUND | NOT_FOUND | NOT_FOUND
            create-failed     | CREATE_INTENDED | CREATE_INTENDED | NOT_FOUND      | same          | same            | NOT_FOUND | NOT_FOUND | NOT_FOUND | NOT_FOUND | NOT_FOUND
            left-behind       | NAME_TAKEN      | NAME_TAKEN      | WRONG_STATE    | same          | REMOVE_INTENDED | WRONG_STATE | WRONG_STATE | WRONG_STATE | WRONG_STATE | WRONG_STATE
            created           | same            | NAME_TAKEN      | START_INTENDED | same          | REMOVE_INTENDED | WRONG_STATE | UPDATE_INTENDED | WRONG_STATE | WRONG_STATE | WRONG_STATE
            starting          | BUSY            | BUSY            | BUSY           | BUSY          | BUSY            | WRONG_STATE | BUSY | WRONG_STATE | WRONG_STATE | BUSY
            ended-starting    | BUSY            | BUSY            | BUSY           | same          | BUSY            | WRONG_STATE | BUSY | WRONG_STATE | WRONG_STATE | BUSY
            start-failed      | NAME_TAKEN      | NAME_TAKEN      | WRONG_STATE    | same          | REMOVE_INTENDED | WRONG_STATE | WRONG_STATE | WRONG_STATE | WRONG_STATE | WRONG_STATE
            running           | NAME_TAKEN      | NAME_TAKEN      | WRONG_STATE    | STOP_INTENDED | REMOVE_INTENDED | EXEC_INTENDED | UPDATE_INTENDED | EXEC_INTENDED | ATTACH_BEGUN | CHECKPOINT_INTENDED
            stopping          | BUSY            | BUSY            | BUSY           | STOP_INTENDED | REMOVE_INTENDED | EXEC_INTENDED | BUSY | EXEC_INTENDED | ATTACH_BEGUN | BUSY
            ended-stopping    | BUSY            | BUSY            | BUSY           | same          | REMOVE_INTENDED | WRONG_STATE | BUSY | WRONG_STATE | WRONG_STATE | BUSY
            exited            | NAME_TAKEN      | NAME_TAKEN      | WRONG_STATE    | same          | REMOVE_INTENDED | WRONG_STATE | WRONG_STATE | WRONG_STATE | WRONG_STATE | WRONG_STATE
            removing          | BUSY            | BUSY            | BUSY           | BUSY          | BUSY            | EXEC_INTENDED | BUSY | EXEC_INTENDED | ATTACH_BEGUN | BUSY
            remove-failed     | NAME_TAKEN      | NAME_TAKEN      | WRONG_STATE    | STOP_INTENDED | REMOVE_INTENDED | EXEC_INTENDED | UPDATE_INTENDED | EXEC_INTENDED | ATTACH_BEGUN | CHECKPOINT_INTENDED
            updating          | BUSY            | BUSY            | BUSY           | BUSY          | BUSY            | EXEC_INTENDED | BUSY | EXEC_INTENDED | ATTACH_BEGUN | BUSY
            ended-updating    | BUSY            | BUSY            | BUSY           | same          | BUSY            | WRONG_STATE | BUSY | WRONG_STATE | WRONG_STATE | BUSY
            updated           | NAME_TAKEN      | NAME_TAKEN      | WRONG_STATE    | STOP_INTENDED | REMOVE_INTENDED | EXEC_INTENDED | UPDATE_INTENDED | EXEC_INTENDED | ATTACH_BEGUN | CHECKPOINT_INTENDED
            update-failed     | NAME_TAKEN      | NAME_TAKEN      | WRONG_STATE    | STOP_INTENDED | REMOVE_INTENDED | EXEC_INTENDED | UPDATE_INTENDED | EXEC_INTENDED | ATTACH_BEGUN | CHECKPOINT_INTENDED
            updated-unstarted | same            | NAME_TAKEN      | START_INTENDED | same          | REMOVE_INTENDED | WRONG_STATE | UPDATE_INTENDED | WRONG_STATE | WRONG_STATE | WRONG_STATE
            checkpointing     | BUSY            | BUSY            | BUSY           | BUSY          | BUSY            | EXEC_INTENDED | BUSY | EXEC_INTENDED | ATTACH_BEGUN | BUSY
            ended-checkpointing | BUSY          | BUSY            | BUSY           | same          | BUSY            | WRONG_STATE | BUSY | WRONG_STATE | WRONG_STATE | BUSY
            checkpointed      | NAME_TAKEN      | NAME_TAKEN      | WRONG_STATE    | STOP_INTENDED | REMOVE_INTENDED | EXEC_INTENDED | UPDATE_INTENDED | EXEC_INTENDED | ATTACH_BEGUN | CHECKPOINT_INTENDED
            removed           | CREATE_INTENDED | CREATE_INTENDED | NOT_FOUND      | same          | same            | NOT_FOUND | NOT_FOUND | NOT_FOUND | NOT_FOUND | NOT_FOUND
            """;

    private static final List<Command> CONTAINER_COMMANDS = List.of(
            new Command.CreateContainer(Ids.of("new"), S, Configs.container("c", 0, "app", "sleep"), I, 15),
            new Command.CreateContainer(Ids.of("new"), S, Configs.container("c", 0, "app", "other"), I, 15),
            new Command.StartContainer(C),
            new Command.StopContainer(C, 1000),
            new Command.RemoveContainer(C),
            new Command.ExecInContainer(Ids.of("new"), C, Vector.of("true"), 0),
            new Command.UpdateContainer(C, LIMITS),
            new Command.OpenExec(Ids.of("new"), C, Vector.of("true"), true, true),
            new Command.AttachToContainer(C, true, true, true, false),
            new Command.CheckpointContainer(C, "/archive", 0));

    /** Last finding about the network: whether this one is news; see {@link #NETWORK_FINDINGS}. */
    private static final String NETWORKS = """
            never             | NETWORK_READY_CHANGED | NETWORK_READY_CHANGED | NETWORK_READY_CHANGED
            ready             | same                  | NETWORK_READY_CHANGED | NETWORK_READY_CHANGED
            not-ready         | NETWORK_READY_CHANGED | NETWORK_READY_CHANGED | same
            """;

    private static final List<Command> NETWORK_FINDINGS = List.of(network(true, "a", ""), network(true, "b", ""), network(false, "", "for once"));

    /** Image: pull, remove. */
    private static final String IMAGES = """
            absent            | PULL_INTENDED | same
            here              | PULL_INTENDED | REMOVE_INTENDED
            removing          | PULL_INTENDED | BUSY
            remove-failed     | PULL_INTENDED | REMOVE_INTENDED
            removed           | PULL_INTENDED | same
            """;

    private static final List<Command> IMAGE_COMMANDS = List.of(
            new Command.PullImage(Ids.of("new"), "docker.io/library/app:latest", "simulated"), new Command.RemoveImage(I));

    /** Container: whether an exit that is reported now is news. */
    private static final String EXITS = """
            absent            | same
            creating          | same
            created           | same
            starting          | EXITED
            ended-starting    | same
            start-failed      | same
            running           | EXITED
            stopping          | EXITED
            exited            | same
            removing          | EXITED
            removed           | same
            """;

    private static final List<Command> EXIT = List.of(new Command.Observe(
            Event.newBuilder().setContainerExited(ContainerExited.newBuilder().setContainerId(C).setExitCode(1)).build()));

    /** Sandbox: whether its loss is news. */
    private static final String LOSSES = """
            absent            | same
            creating          | same
            ready             | VANISHED
            stopping          | VANISHED
            stopped           | same
            vanished          | same
            removing          | VANISHED
            """;

    private static final List<Command> LOSS = List.of(new Command.Observe(
            Event.newBuilder().setSandboxVanished(SandboxVanished.newBuilder().setSandboxId(S)).build()));

    private record Row(String table, String phase, State state, List<Command> commands, List<String> answers) {
        @Override
        public String toString() {
            return table + " " + phase;
        }
    }

    static Stream<Row> rows() {
        return Stream.of(table("sandbox", SANDBOXES, sandboxStates(), SANDBOX_COMMANDS), table("container", CONTAINERS, containerStates(), CONTAINER_COMMANDS),
                table("image", IMAGES, imageStates(), IMAGE_COMMANDS), table("exit of container", EXITS, containerStates(), EXIT),
                table("loss of sandbox", LOSSES, sandboxStates(), LOSS),
                table("network", NETWORKS, networkStates(), NETWORK_FINDINGS)).flatMap(List::stream);
    }

    private static List<Row> table(String name, String text, Map<String, State> states, List<Command> commands) {
        var rows = new ArrayList<Row>();
        text.lines().forEach(line -> {
            List<String> cells = Stream.of(line.split("\\|")).map(String::strip).toList();
            assertThat(states).containsKey(cells.getFirst());
            rows.add(new Row(name, cells.getFirst(), states.get(cells.getFirst()), commands, cells.subList(1, cells.size())));
        });
        return rows;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isAnsweredAsTheTableSays(Row row) {
        assertThat(row.commands.stream().map(command -> answer(row.state, command)).toList()).isEqualTo(row.answers);
    }

    /** What is accepted can be applied. */
    @ParameterizedTest
    @MethodSource("rows")
    void whatIsAcceptedFits(Row row) {
        for (Command command : row.commands) {
            Decider.decide(row.state, command).forEach(decision -> decision.drafts().foldLeft(row.state, Evolver::evolve));
        }
    }

    private static String answer(State state, Command command) {
        return Decider.decide(state, command).fold(rejection -> rejection.reason().name(),
                decision -> decision.isAlreadySo() ? "same" : decision.drafts().single().getBodyCase().name().replaceFirst("^(SANDBOX|CONTAINER|IMAGE)_", ""));
    }

    @Test
    void everyPhaseOfEveryTableIsTried() {
        assertThat(table("", SANDBOXES, sandboxStates(), SANDBOX_COMMANDS)).hasSize(sandboxStates().size());
        assertThat(table("", CONTAINERS, containerStates(), CONTAINER_COMMANDS)).hasSize(containerStates().size());
        assertThat(table("", IMAGES, imageStates(), IMAGE_COMMANDS)).hasSize(imageStates().size());
    }

    @Test
    void anIdenticalRequestFindsWhatItMadeBefore() {
        State ready = sandboxStates().get("ready");
        assertThat(Decider.decide(ready, SANDBOX_COMMANDS.getFirst()).get().subject()).isEqualTo(S);
        assertThat(Decider.decide(ready, new Command.RunSandbox("x", Configs.pod("p", 0), "special", "simulated")).getLeft().reason())
                .isEqualTo(Rejection.Reason.NAME_TAKEN);
        State created = containerStates().get("created");
        assertThat(Decider.decide(created, CONTAINER_COMMANDS.getFirst()).get().subject()).isEqualTo(C);
    }

    @Test
    void aContainerNeedsItsImage() {
        var command = new Command.CreateContainer("x", S, Configs.container("x", 0, "app", "sleep"), Ids.image("unknown"), 15);
        assertThat(Decider.decide(sandboxStates().get("ready"), command).getLeft().reason()).isEqualTo(Rejection.Reason.NOT_FOUND);
    }

    @Test
    void aContainerIsNotStartedInAPodThatIsNotReady() {
        State created = containerStates().get("created");
        State stopped = play(created, e -> e.setSandboxStopIntended(SandboxStopIntended.newBuilder().setSandboxId(S)),
                e -> e.setSandboxStopped(SandboxStopped.newBuilder().setSandboxId(S)));
        assertThat(Decider.decide(stopped, new Command.StartContainer(C)).getLeft().reason()).isEqualTo(Rejection.Reason.WRONG_STATE);
    }

    @Test
    void theEndOfAStopIsOfNoInterestOnceTheContainerIsGone() {
        var finished = new Command.Conclude(Event.newBuilder().setContainerStopFinished(ContainerStopFinished.newBuilder().setContainerId(C)).build());
        assertThat(Decider.decide(containerStates().get("removed"), finished).get().isAlreadySo()).isTrue();
        assertThat(Decider.decide(containerStates().get("stopping"), finished).get().isAlreadySo()).isFalse();
    }

    @Test
    void limitsThatAreNotAskedForStayAsTheyAre() {
        var now = LinuxContainerResources.newBuilder().setCpuShares(100).setCpuQuota(5000).setMemoryLimitInBytes(1 << 20)
                .setMemorySwapLimitInBytes(2 << 20).setOomScoreAdj(7).putUnified("memory.high", "1")
                .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(1)).build();
        var asked = LinuxContainerResources.newBuilder().setCpuShares(200).setMemoryLimitInBytes(4 << 20).setOomScoreAdj(9)
                .putUnified("memory.low", "2").build();
        assertThat(Limits.changed(now, asked)).isEqualTo(now.toBuilder().setCpuShares(200).setMemoryLimitInBytes(4 << 20)
                .clearMemorySwapLimitInBytes().putUnified("memory.low", "2").build());
        assertThat(Limits.changed(now, LinuxContainerResources.getDefaultInstance())).isEqualTo(now);
        assertThat(Limits.changed(now, LinuxContainerResources.newBuilder().addHugepageLimits(HugepageLimit.newBuilder().setPageSize("1GB")).build())
                .getHugepageLimitsList()).extracting(HugepageLimit::getPageSize).containsExactly("1GB");
    }

    @Test
    void theLimitsInForceAreThoseOfTheLastUpdateThatWorked() {
        assertThat(containerStates().get("running").container(C).get().resources().getCpuShares()).isZero();
        assertThat(containerStates().get("updating").container(C).get().resources().getCpuShares()).isZero();
        assertThat(containerStates().get("updated").container(C).get().resources()).isEqualTo(LIMITS);
        assertThat(containerStates().get("update-failed").container(C).get().resources().getCpuShares()).isZero();
        assertThat(containerStates().get("update-failed").container(C).get().resourcesAsked()).isEmpty();
    }

    @Test
    void onlyObservationsAreObserved() {
        assertThatThrownBy(() -> Decider.decide(State.EMPTY, new Command.Observe(Event.getDefaultInstance())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // ---- how each phase comes to be

    static Map<String, State> sandboxStates() {
        var states = new LinkedHashMap<String, State>();
        State absent = imageStates().get("here");
        State creating = play(absent, e -> e.setSandboxRunIntended(SandboxRunIntended.newBuilder().setSandboxId(S).setConfig(Configs.pod("p", 0))));
        State ready = play(creating, e -> e.setSandboxRan(SandboxRan.newBuilder().setSandboxId(S).addIps("10.0.0.1")));
        State stopping = play(ready, e -> e.setSandboxStopIntended(SandboxStopIntended.newBuilder().setSandboxId(S)));
        State removing = play(ready, e -> e.setSandboxRemoveIntended(SandboxRemoveIntended.newBuilder().setSandboxId(S)));
        states.put("absent", absent);
        states.put("creating", creating);
        states.put("ready", ready);
        states.put("stopping", stopping);
        states.put("stop-failed", play(stopping, e -> e.setSandboxStopFailed(SandboxStopFailed.newBuilder().setSandboxId(S).setCause(WHY))));
        states.put("stopped", play(stopping, e -> e.setSandboxStopped(SandboxStopped.newBuilder().setSandboxId(S))));
        states.put("vanished", play(ready, e -> e.setSandboxVanished(SandboxVanished.newBuilder().setSandboxId(S))));
        states.put("removing", removing);
        states.put("remove-failed", play(removing, e -> e.setSandboxRemoveFailed(SandboxRemoveFailed.newBuilder().setSandboxId(S).setCause(WHY))));
        states.put("run-failed", play(creating, e -> e.setSandboxRunFailed(SandboxRunFailed.newBuilder().setSandboxId(S).setCause(WHY))));
        states.put("left-behind", play(creating,
                e -> e.setSandboxRunFailed(SandboxRunFailed.newBuilder().setSandboxId(S).setCause(WHY).setLeftBehind(WHY))));
        return states;
    }

    private static Command network(boolean ready, String name, String reason) {
        return new Command.Observe(Event.newBuilder().setNetworkReadyChanged(NetworkReadyChanged.newBuilder().setReady(ready).setNetwork(name)
                .setReason(reason)).build());
    }

    static Map<String, State> networkStates() {
        return Map.of("never", State.EMPTY,
                "ready", play(State.EMPTY, e -> e.setNetworkReadyChanged(NetworkReadyChanged.newBuilder().setReady(true).setNetwork("a"))),
                "not-ready", play(State.EMPTY, e -> e.setNetworkReadyChanged(NetworkReadyChanged.newBuilder().setReason("no configuration"))));
    }

    static Map<String, State> containerStates() {
        var states = new LinkedHashMap<String, State>();
        State absent = sandboxStates().get("ready");
        State creating = play(absent, e -> e.setContainerCreateIntended(ContainerCreateIntended.newBuilder().setContainerId(C).setSandboxId(S)
                .setConfig(Configs.container("c", 0, "app", "sleep")).setImageId(I).setStopSignal(15)));
        State created = play(creating, e -> e.setContainerCreated(ContainerCreated.newBuilder().setContainerId(C)
                .setUser(ContainerUser.getDefaultInstance())));
        State starting = play(created, e -> e.setContainerStartIntended(ContainerStartIntended.newBuilder().setContainerId(C)));
        State running = play(starting, e -> e.setContainerStarted(ContainerStarted.newBuilder().setContainerId(C).setPid(9).setStartedAtNanos(10)));
        State stopping = play(running, e -> e.setContainerStopIntended(ContainerStopIntended.newBuilder().setContainerId(C)));
        State removing = play(running, e -> e.setContainerRemoveIntended(ContainerRemoveIntended.newBuilder().setContainerId(C)));
        UnaryOperator<Event.Builder> exits = e -> e.setContainerExited(ContainerExited.newBuilder().setContainerId(C).setExitCode(1));
        states.put("absent", absent);
        states.put("creating", creating);
        states.put("create-failed", play(creating, e -> e.setContainerCreateFailed(ContainerCreateFailed.newBuilder().setContainerId(C).setCause(WHY))));
        states.put("left-behind", play(creating,
                e -> e.setContainerCreateFailed(ContainerCreateFailed.newBuilder().setContainerId(C).setCause(WHY).setLeftBehind(WHY))));
        states.put("created", created);
        states.put("starting", starting);
        states.put("ended-starting", play(starting, exits));
        states.put("start-failed", play(starting, e -> e.setContainerStartFailed(ContainerStartFailed.newBuilder().setContainerId(C).setCause(WHY))));
        states.put("running", running);
        states.put("stopping", stopping);
        states.put("ended-stopping", play(stopping, exits));
        states.put("exited", play(running, exits));
        UnaryOperator<Event.Builder> update = e -> e.setContainerUpdateIntended(ContainerUpdateIntended.newBuilder().setContainerId(C)
                .setResources(LIMITS));
        UnaryOperator<Event.Builder> updated = e -> e.setContainerUpdated(ContainerUpdated.newBuilder().setContainerId(C));
        states.put("updating", play(running, update));
        states.put("ended-updating", play(running, update, exits));
        states.put("updated", play(running, update, updated));
        states.put("update-failed", play(running, update,
                e -> e.setContainerUpdateFailed(ContainerUpdateFailed.newBuilder().setContainerId(C).setCause(WHY))));
        states.put("updated-unstarted", play(created, update, updated));
        UnaryOperator<Event.Builder> checkpoint = e -> e.setContainerCheckpointIntended(ContainerCheckpointIntended.newBuilder().setContainerId(C));
        states.put("checkpointing", play(running, checkpoint));
        states.put("ended-checkpointing", play(running, checkpoint, exits));
        states.put("checkpointed", play(running, checkpoint,
                e -> e.setContainerCheckpointed(ContainerCheckpointed.newBuilder().setContainerId(C))));
        states.put("removing", removing);
        states.put("remove-failed", play(removing, e -> e.setContainerRemoveFailed(ContainerRemoveFailed.newBuilder().setContainerId(C).setCause(WHY))));
        states.put("removed", play(removing, e -> e.setContainerRemoved(ContainerRemoved.newBuilder().setContainerId(C))));
        return states;
    }

    static Map<String, State> imageStates() {
        var states = new LinkedHashMap<String, State>();
        State here = play(State.EMPTY, e -> e.setImagePullIntended(ImagePullIntended.newBuilder().setPullId("pull")),
                e -> e.setImagePulled(ImagePulled.newBuilder().setPullId("pull").setImageId(I).setRepoTag("docker.io/library/app:latest")
                        .setRepoDigest("docker.io/library/app@" + I)));
        State removing = play(here, e -> e.setImageRemoveIntended(ImageRemoveIntended.newBuilder().setImageId(I)));
        states.put("absent", State.EMPTY);
        states.put("here", here);
        states.put("removing", removing);
        states.put("remove-failed", play(removing, e -> e.setImageRemoveFailed(ImageRemoveFailed.newBuilder().setImageId(I).setCause(WHY))));
        states.put("removed", play(removing, e -> e.setImageRemoved(ImageRemoved.newBuilder().setImageId(I))));
        return states;
    }

    @SafeVarargs
    private static State play(State from, UnaryOperator<Event.Builder>... events) {
        State state = from;
        for (UnaryOperator<Event.Builder> event : events) {
            state = Evolver.evolve(state, event.apply(Event.newBuilder().setSequence(1).setWallTimeNanos(1)).build());
        }
        return state;
    }
}
