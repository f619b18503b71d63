package io.cairn.core.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.decide.Command;
import io.cairn.core.decide.Rejection;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.ContainerKey;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.SandboxKey;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.effect.Problem;
import io.cairn.core.engine.Origin;
import io.cairn.proto.cri.ContainerMetadata;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.journal.Peer;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A client that remembers what it was told, and so what may be true: one thing of everything that was acknowledged, one of
 * several of what it is asking for right now. Every method can be called again after a crash cut it off, and then ends in the
 * same result, as a kubelet's next sync would.
 */
public final class Kubelet {
    private static final String ABSENT = "absent";
    private static final String READY = "READY";
    private static final String NOT_READY = "NOT_READY";
    private static final String CREATED = "CREATED";
    private static final String RUNNING = "RUNNING";
    private static final String NEVER_RAN = "EXITED never ran";
    private static final String KILLED = "EXITED 137";

    private final World world;
    private final Map<String, Set<String>> may = new TreeMap<>();
    private final Map<String, String> podIds = new TreeMap<>();
    private final Map<String, String> podOf = new TreeMap<>();
    private final Map<String, String> programs = new TreeMap<>();
    private final Map<String, Integer> attempts = new TreeMap<>();
    private Life life;
    private int ids;

    public Kubelet(World world) {
        this.world = world;
    }

    public void talkTo(Life next) {
        life = next;
    }

    // ---- what is asked

    public void run(String pod) {
        maybe("pod " + pod, READY);
        PodSandboxConfig config = config(pod);
        Either<Problem, String> answer = life.operations.sandboxes().run(
                new Command.RunSandbox(newId(), config, "", SimulatedDriver.NAME), origin());
        if (pod.startsWith("no-network")) {
            assertThat(failed(answer)).contains("no address left");
            now("pod " + pod, ABSENT);
        } else {
            podIds.put(pod, answer.get());
            now("pod " + pod, READY);
        }
    }

    public void create(String pod, String name, String program) {
        podOf.put(name, pod);
        programs.put(name, program);
        maybe("container " + name, CREATED);
        if (program.equals(Programs.STICKS)) {
            // What a crash leaves half made cannot be undone at the first try, and stays to be seen.
            maybe("container " + name, NEVER_RAN);
        }
        Either<Problem, String> answer = life.operations.containers().create(new Command.CreateContainer(newId(), podIds.get(pod),
                Configs.container(name, attempt(name), "app", program), imageId("app"), 15), origin());
        if (answer.isLeft() && describe("container " + name).equals(NEVER_RAN)) {
            remove(name);
            attempts.merge(name, 1, Integer::sum);
            create(pod, name, program);
            return;
        }
        if (program.equals(Programs.CANNOT_BE_MADE)) {
            assertThat(failed(answer)).contains("cannot make");
            now("container " + name, ABSENT);
        } else {
            worked(answer, "create %s", name);
            now("container " + name, CREATED);
        }
    }

    public void start(String name) {
        String program = programs.get(name);
        String running = program.equals(Programs.EXITS_AT_ONCE) ? "EXITED 3" : RUNNING;
        if (describe("container " + name).equals(ABSENT)) {
            // Its next attempt was about to be made when the crash came.
            create(podOf.get(name), name, program);
        }
        maybe("container " + name, running);
        maybe("container " + name, NEVER_RAN);
        Either<Problem, String> answer = life.operations.starts().start(id(name), origin());
        if (program.equals(Programs.CANNOT_BE_STARTED)) {
            assertThat(answer.isLeft()).as("start of %s", name).isTrue();
            now("container " + name, NEVER_RAN);
        } else if (answer.isRight() || describe("container " + name).equals(running)) {
            now("container " + name, running);
        } else {
            assertThat(reason(answer)).isEqualTo(Rejection.Reason.WRONG_STATE);
            assertThat(describe("container " + name)).isEqualTo(NEVER_RAN);
            remove(name);
            attempts.merge(name, 1, Integer::sum);
            create(podOf.get(name), name, program);
            start(name);
        }
    }

    public void exec(String name, String command) {
        Either<Problem, ExecResult> answer = life.operations.execs().exec(
                new Command.ExecInContainer(newId(), id(name), Vector.of(command), 1000), origin());
        if (command.equals("times-out")) {
            assertThat(failed(answer)).contains("was killed after");
        } else {
            assertThat(answer.get().exitCode()).isZero();
        }
    }

    /** Asked again, it comes to the same. */
    public void update(String name, long cpuShares) {
        Either<Problem, String> answer = life.operations.containers().update(new Command.UpdateContainer(id(name),
                LinuxContainerResources.newBuilder().setCpuShares(cpuShares).build()), origin());
        if (cpuShares == SimulatedResources.UNBEARABLE_SHARES) {
            assertThat(failed(answer)).contains("no machine has so many shares");
        } else {
            worked(answer, "update %s", name);
            assertThat(find(name).get().resources().getCpuShares()).isEqualTo(cpuShares);
        }
    }

    /** Asked again, it comes to the same: there is an archive, and the container runs on. */
    public void checkpoint(String name, String location) {
        Either<Problem, String> answer = life.operations.checkpoints().checkpoint(new Command.CheckpointContainer(id(name), location, 0), origin());
        if (location.startsWith("/full")) {
            assertThat(failed(answer)).contains("no space is left");
        } else {
            worked(answer, "checkpoint %s", name);
            assertThat(world.archives.get(location).whole()).isTrue();
        }
        now("container " + name, RUNNING);
    }

    public void updatePod(String pod, long memoryBytes) {
        worked(life.operations.sandboxes().update(new Command.UpdateSandbox(podIds.get(pod), LinuxContainerResources.getDefaultInstance(),
                LinuxContainerResources.newBuilder().setMemoryLimitInBytes(memoryBytes).build()), origin()), "update %s", pod);
        assertThat(life.engine.state().sandbox(podIds.get(pod)).get().resources().get().getResources().getMemoryLimitInBytes())
                .isEqualTo(memoryBytes);
    }

    public void stop(String name, long graceMillis) {
        String end = programs.get(name).equals(Programs.STUBBORN) ? KILLED : "EXITED 143";
        maybe("container " + name, end);
        // Nobody may have told the program to end in time when a crash came between.
        maybe("container " + name, KILLED);
        worked(life.operations.containers().stop(id(name), graceMillis, origin()), "stop %s", name);
        String found = describe("container " + name);
        assertThat(found).isIn(end, KILLED);
        now("container " + name, found);
    }

    public void exits(String name, int code) {
        maybe("container " + name, "EXITED " + code);
        world.exits(id(name), code, false);
        now("container " + name, "EXITED " + code);
    }

    public void remove(String name) {
        maybe("container " + name, KILLED);
        maybe("container " + name, ABSENT);
        String id = id(name);
        Either<Problem, String> answer = life.operations.containers().remove(id, origin());
        if (answer.isLeft()) {
            assertThat(failed(answer)).contains("busy");
            answer = life.operations.containers().remove(id, origin());
        }
        worked(answer, "remove %s", name);
        now("container " + name, ABSENT);
    }

    public void stopPod(String pod) {
        maybe("pod " + pod, NOT_READY);
        containersOf(pod).forEach(name -> maybe("container " + name, KILLED, RUNNING));
        worked(life.operations.sandboxes().stop(podIds.get(pod), origin()), "stop pod %s", pod);
        now("pod " + pod, NOT_READY);
        containersOf(pod).filter(name -> may.get("container " + name).contains(RUNNING)).forEach(name -> now("container " + name, KILLED));
    }

    public void removePod(String pod) {
        maybe("pod " + pod, NOT_READY);
        maybe("pod " + pod, ABSENT);
        containersOf(pod).forEach(name -> {
            maybe("container " + name, KILLED, RUNNING);
            maybe("container " + name, ABSENT);
        });
        worked(life.operations.sandboxes().remove(podIds.get(pod), origin()), "remove pod %s", pod);
        now("pod " + pod, ABSENT);
        containersOf(pod).forEach(name -> now("container " + name, ABSENT));
    }

    public void pull(String image) {
        maybe("image " + image, "present");
        Either<Problem, String> answer = life.operations.images().pull(
                new Command.PullImage(newId(), reference(image), SimulatedDriver.NAME), Credentials.NONE, origin());
        if (image.equals("missing")) {
            assertThat(failed(answer)).contains("the registry has no");
            now("image " + image, ABSENT);
        } else {
            assertThat(answer.get()).isEqualTo(imageId(image));
            now("image " + image, "present");
        }
    }

    public void removeImage(String image) {
        maybe("image " + image, ABSENT);
        worked(life.operations.images().remove(imageId(image), origin()), "remove image");
        now("image " + image, ABSENT);
    }

    // ---- what may be

    /** Every acknowledged reply is still true, and what was cut off came to one of its ends. */
    public void assertKept() {
        may.forEach((thing, allowed) -> assertThat(describe(thing)).as(thing).isIn(allowed));
    }

    public void assertAllGone() {
        may.forEach((thing, allowed) -> assertThat(describe(thing)).as(thing).isIn(ABSENT));
    }

    private String describe(String thing) {
        var state = life.engine.state();
        String name = thing.substring(thing.indexOf(' ') + 1);
        return switch (thing.substring(0, thing.indexOf(' '))) {
            case "pod" -> state.sandbox(SandboxKey.of(config(name).getMetadata())).map(Sandbox::phase).map(Enum::name).getOrElse(ABSENT);
            case "container" -> find(name).map(Kubelet::describe).getOrElse(ABSENT);
            case "image" -> state.image(reference(name)).map(i -> "present").getOrElse(ABSENT);
            default -> throw new IllegalArgumentException(thing);
        };
    }

    private static String describe(Container container) {
        if (container.phase() != Container.Phase.EXITED) {
            return container.phase().name();
        }
        return container.exit().map(exit -> "EXITED " + (exit.hasExitCode() ? exit.getExitCode() : "unseen")).getOrElse(NEVER_RAN);
    }

    private Option<Container> find(String name) {
        var state = life.engine.state();
        return state.sandbox(SandboxKey.of(config(podOf.get(name)).getMetadata())).flatMap(sandbox -> state.container(ContainerKey.of(sandbox.id(),
                ContainerMetadata.newBuilder().setName(name).setAttempt(attempt(name)).build())));
    }

    private String id(String name) {
        return find(name).map(Container::id).getOrElse(Ids.of("nothing"));
    }

    private void maybe(String thing, String next) {
        may.computeIfAbsent(thing, t -> new TreeSet<>(Set.of(ABSENT))).add(next);
    }

    private void maybe(String thing, String next, String where) {
        if (may.get(thing).contains(where)) {
            maybe(thing, next);
        }
    }

    private void now(String thing, String certain) {
        may.put(thing, new TreeSet<>(Set.of(certain)));
    }

    private java.util.List<String> containers(String pod) {
        return podOf.entrySet().stream().filter(e -> e.getValue().equals(pod)).map(Map.Entry::getKey).toList();
    }

    private Vector<String> containersOf(String pod) {
        return Vector.ofAll(containers(pod));
    }

    private int attempt(String name) {
        return attempts.getOrDefault(name, 0);
    }

    private static PodSandboxConfig config(String pod) {
        return pod.startsWith("host") ? Configs.hostNetworkPod(pod, 0) : Configs.pod(pod, 0);
    }

    private static String reference(String image) {
        return "docker.io/library/" + image + ":latest";
    }

    private static String imageId(String image) {
        return Ids.image("docker.io/library/" + image);
    }

    private String newId() {
        return Ids.of("id " + ++ids);
    }

    private Origin origin() {
        return new Origin("call-" + ids, Peer.newBuilder().setPid(42).build(), 0);
    }

    private static void worked(Either<Problem, ?> answer, String what, Object... arguments) {
        assertThat(answer.isRight()).as(what.formatted(arguments) + " answered " + answer).isTrue();
    }

    private static String failed(Either<Problem, ?> answer) {
        return answer.getLeft() instanceof Problem.Failed failed ? failed.failure().getMessage() : "refused: " + answer.getLeft();
    }

    private static Rejection.Reason reason(Either<Problem, ?> answer) {
        return ((Problem.Refused) answer.getLeft()).rejection().reason();
    }
}
