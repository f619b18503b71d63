package io.cairn.core.sim;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.ContainerKey;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.SandboxKey;
import io.cairn.core.domain.State;
import io.cairn.core.driver.Credentials;
import io.cairn.core.effect.Problem;
import io.cairn.core.engine.Origin;
import io.cairn.core.sim.Action.Box;
import io.cairn.core.sim.Action.Pod;
import io.cairn.core.sim.Promises.Fact;
import io.cairn.proto.cri.ContainerMetadata;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.journal.Peer;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The clients of one life: each call has a thread of its own, and what is answered becomes a promise. */
final class Calls {
    private final SimulatedLife life;
    private final Promises promises;
    private final World world;
    private final TreeSet<String> open = new TreeSet<>();
    private final List<String> problems = new ArrayList<>();
    /** What a pod's last answered run gave: asked for again, it is the same, as long as nobody asked for its end. */
    private final Map<Pod, String> ran;
    private int made;
    private int imageRemovalsOpen;
    private int imageRemovalsAsked;

    /** @param before the clients of the life before this one; null in the first */
    Calls(SimulatedLife life, Promises promises, World world, Calls before) {
        this.life = life;
        this.promises = promises;
        this.world = world;
        this.ran = before == null ? new HashMap<>() : before.ran;
        this.made = before == null ? 0 : before.made;
    }

    TreeSet<String> open() {
        return open;
    }

    /** Answers that must not be given. */
    List<String> problems() {
        return problems;
    }

    /** Calls about what is not shown are made too, with an id that nothing has. */
    void make(Action action) {
        switch (action) {
            case Action.Run(Pod pod) -> run(pod);
            case Action.Create(Box box, String program) -> create(box, program);
            case Action.Start(Box box) -> start(id(box));
            case Action.Exec(Box box, String command) -> call("exec", id -> life.operations.execs().exec(
                    new Command.ExecInContainer(id, id(box), Vector.of(command), 1000), origin()), answer -> {});
            case Action.Stop(Box box, long graceMillis) -> stop(id(box), graceMillis);
            case Action.Remove(Box box) -> remove(id(box));
            case Action.StopPod(Pod pod) -> stopPod(id(pod));
            case Action.RemovePod(Pod pod) -> removePod(id(pod));
            case Action.Pull(String image) -> pull(image);
            case Action.RemoveImage(String image) -> removeImage(state().image(reference(image)).map(i -> i.id()).getOrElse("unknown"));
            case Action.Exits(Box box, int code, boolean oomKilled) -> world.exits(id(box), code, oomKilled);
            case Action.Fault _, Action.Crash _, Action.Reboot _, Action.ClockSet _ ->
                throw new IllegalArgumentException(action + " is no call");
        }
    }

    private void run(Pod pod) {
        Option<String> before = Option.of(ran.get(pod));
        call("run " + pod, id -> life.operations.sandboxes().run(new Command.RunSandbox(id, config(pod), "", SimulatedDriver.NAME), origin()),
                answer -> {
                    if (before.exists(id -> promises.isUntouched(id) && !answer.contains(id))) {
                        problems.add("pod %s was run as %s and asked for again, and the answer was %s".formatted(pod, before.get(), answer));
                    }
                    answer.forEach(id -> {
                        ran.put(pod, id);
                        promises.note(id, Fact.RUN_ANSWERED);
                    });
                });
    }

    private void create(Box box, String program) {
        String podId = id(box.pod());
        call("create " + box, id -> life.operations.containers().create(new Command.CreateContainer(id, podId,
                Configs.container(box.name(), box.attempt(), "app", program), Ids.image("docker.io/library/app"), 15), origin()),
                answer -> answer.forEach(id -> {
                    promises.belongs(id, podId);
                    promises.note(id, Fact.CREATE_ANSWERED);
                }));
    }

    private void start(String id) {
        call("start " + id, _ -> life.operations.starts().start(id, origin()), answer -> {
            if (answer.isRight()) {
                promises.note(id, Fact.START_ANSWERED);
            } else if (state().container(id).exists(c -> c.neverRan().isDefined())) {
                promises.note(id, Fact.START_FAILED);
            }
        });
    }

    private void stop(String id, long graceMillis) {
        boolean ran = state().container(id).exists(Container::isRunning);
        call("stop " + id, _ -> life.operations.containers().stop(id, graceMillis, origin()), answer -> {
            if (ran && answer.isRight()) {
                promises.note(id, Fact.STOP_ANSWERED);
            }
        });
    }

    private void remove(String id) {
        promises.note(id, Fact.REMOVE_ASKED);
        call("remove " + id, _ -> life.operations.containers().remove(id, origin()),
                answer -> answer.forEach(_ -> promises.note(id, Fact.REMOVE_ANSWERED)));
    }

    void stopPod(String id) {
        promises.note(id, Fact.POD_STOP_ASKED);
        call("stop pod " + id, _ -> life.operations.sandboxes().stop(id, origin()),
                answer -> answer.forEach(_ -> promises.note(id, Fact.POD_STOP_ANSWERED)));
    }

    void removePod(String id) {
        promises.note(id, Fact.POD_STOP_ASKED);
        promises.note(id, Fact.POD_REMOVE_ASKED);
        call("remove pod " + id, _ -> life.operations.sandboxes().remove(id, origin()),
                answer -> answer.forEach(_ -> promises.note(id, Fact.POD_REMOVE_ANSWERED)));
    }

    void pull(String image) {
        int removals = imageRemovalsAsked;
        boolean contested = imageRemovalsOpen > 0;
        call("pull " + image, id -> life.operations.images().pull(new Command.PullImage(id, reference(image), SimulatedDriver.NAME),
                Credentials.NONE, origin()), answer -> {
                    if (answer.isRight() && !contested && removals == imageRemovalsAsked) {
                        promises.note(answer.get(), Fact.PULL_ANSWERED);
                    }
                });
    }

    void removeImage(String id) {
        promises.forget(id);
        imageRemovalsAsked++;
        imageRemovalsOpen++;
        call("remove image " + id, _ -> life.operations.images().remove(id, origin()), _ -> imageRemovalsOpen--);
    }

    private <T> void call(String what, java.util.function.Function<String, Either<Problem, T>> asked, Consumer<Either<Problem, T>> answered) {
        int number = ++made;
        String name = "%d %s".formatted(number, what);
        open.add(name);
        life.scheduler.start(() -> {
            Either<Problem, T> answer = asked.apply(Ids.of("call " + number));
            open.remove(name);
            answered.accept(answer);
        });
    }

    private State state() {
        return life.engine.state();
    }

    private String id(Pod pod) {
        return state().sandbox(SandboxKey.of(config(pod).getMetadata())).filter(Sandbox::isVisible).map(Sandbox::id).getOrElse("unknown");
    }

    private String id(Box box) {
        return state().container(ContainerKey.of(id(box.pod()), ContainerMetadata.newBuilder().setName(box.name()).setAttempt(box.attempt()).build()))
                .filter(Container::isVisible).map(Container::id).getOrElse("unknown");
    }

    private static PodSandboxConfig config(Pod pod) {
        return pod.name().equals("host") ? Configs.hostNetworkPod(pod.name(), pod.attempt()) : Configs.pod(pod.name(), pod.attempt());
    }

    private static String reference(String image) {
        return "docker.io/library/" + image + ":latest";
    }

    private Origin origin() {
        return new Origin("call-" + made, Peer.newBuilder().setPid(42).build(), 0);
    }
}
