package io.cairn.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.crash.FaultyTool.Fault;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.testkit.Configs;
import io.cairn.testkit.Leaks;
import io.cairn.testkit.TestNode;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The programs Cairn calls fail, hang and die, each at every call of a pod's life: the CRI call then fails with a clear error or works
 * all the same, the next try works, and nothing is left.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FaultyNeighbourTest {
    /** So that what hangs is given up soon; the programs themselves take milliseconds. */
    private static final String TIMEOUT = "10s";
    private static final int TRIES = 2;

    private final Map<String, FaultyTool> tools = new LinkedHashMap<>();
    private final List<String> ids = new ArrayList<>();
    private CrashNode host;
    private int lives;

    @BeforeAll
    void begin() throws Exception {
        host = new CrashNode(this::putInPlace);
    }

    @AfterAll
    void end() throws Exception {
        host.close();
    }

    private void putInPlace(TestNode node) throws Exception {
        Path tooling = node.root().resolve("tools");
        Path plugins = Path.of("/usr/lib/cni");
        tools.put("runc", FaultyTool.instead(FaultyTool.real("runc"), tooling.resolve("runc"), "runc"));
        tools.put("conmon", FaultyTool.instead(FaultyTool.real("conmon"), tooling.resolve("conmon"), "conmon"));
        tools.put("bridge", FaultyTool.instead(plugins.resolve("bridge"), tooling.resolve("cni"), "bridge"));
        Path more = Files.createDirectory(node.root().resolve("config.d"));
        Files.writeString(more.resolve("tools.toml"), """
                [network]
                bin_dirs = ["%s", "%s"]
                plugin_timeout = "%5$s"

                [drivers.runc]
                runtime = "%s"
                conmon = "%s"
                command_timeout = "%5$s"
                """.formatted(tools.get("bridge").directory(), plugins, tools.get("runc").program(), tools.get("conmon").program(), TIMEOUT));
    }

    static Stream<Arguments> neighbours() {
        return Stream.of("runc", "conmon", "bridge").flatMap(tool -> EnumSet.allOf(Fault.class).stream().map(fault -> Arguments.of(tool, fault)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("neighbours")
    void whicheverCallGoesWrongTheNextTryWorksAndNothingIsLeft(String name, Fault fault) throws Exception {
        FaultyTool tool = tools.get(name);
        Leaks leaks = Leaks.since(host.node);
        var told = new ArrayList<String>();
        int call = 0;
        do {
            tool.goWrong(++call, fault);
            try {
                live(told);
                leaks.assertNothingLeft(ids);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("%s %s at call %d: %s%nThe daemon's log ends with:%n%s".formatted(name, fault, call, e.getMessage(),
                        host.daemon.logTail()), e);
            }
        } while (tool.calls() >= call);
        tool.behave();
        System.out.printf("%s %s: at each of %d calls of a pod's life; %d CRI calls failed%n", name, fault, call - 1, told.size());
        assertThat(call).as("calls of a pod's life").isGreaterThan(2);
    }

    /** The life of a pod as a kubelet goes through it: what fails is tried again. */
    private void live(List<String> told) throws Exception {
        PodSandboxConfig pod = host.pod("faulty-" + ++lives);
        String podId = again(told, () -> host.cri().runPod(pod));
        ids.add(podId);
        String box = startUntilItRuns(told, pod, podId);
        again(told, () -> {
            assertThat(host.cri().exec(box, Duration.ofSeconds(5), "echo", "in").getStdout().toStringUtf8()).isEqualTo("in\n");
            return box;
        });
        again(told, () -> {
            host.cri().stop(box, 2);
            return box;
        });
        again(told, () -> {
            host.cri().remove(box);
            return box;
        });
        again(told, () -> {
            host.cri().stopPod(podId);
            return podId;
        });
        again(told, () -> {
            host.cri().removePod(podId);
            return podId;
        });
        assertThat(host.cri().pods()).isEmpty();
        assertThat(host.cri().containers()).isEmpty();
    }

    /** A container whose program could not be started is not started again: the kubelet makes another one. */
    private String startUntilItRuns(List<String> told, PodSandboxConfig pod, String podId) throws Exception {
        for (int attempt = 0; ; attempt++) {
            String name = "box-%d-%d".formatted(lives, attempt);
            ContainerConfig.Builder config = host.container(name, Configs.SLEEP).toBuilder();
            config.getMetadataBuilder().setAttempt(attempt);
            ContainerConfig built = config.build();
            String id = again(told, () -> host.cri().create(podId, pod, built));
            ids.add(id);
            try {
                host.cri().start(id);
                io.cairn.testkit.Await.until(name + " marks its start", CrashNode.PATIENCE, () -> host.starts(name) == 1);
                return id;
            } catch (StatusRuntimeException e) {
                told.add(clear(e));
                assertThat(attempt).as("attempts").isZero();
                again(told, () -> {
                    host.cri().remove(id);
                    return id;
                });
                assertThat(host.starts(name)).as("a container that could not be started has not run").isZero();
            }
        }
    }

    private interface Try {
        String make() throws Exception;
    }

    private String again(List<String> told, Try call) throws Exception {
        for (int tries = 1; ; tries++) {
            try {
                return call.make();
            } catch (StatusRuntimeException e) {
                told.add(clear(e));
                if (tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** It must say what was tried; a fault of our own, or a call that only its client's patience has ended, is none. */
    private static String clear(StatusRuntimeException e) {
        assertThat(e.getStatus().getCode()).as(e.getMessage()).isNotIn(Status.Code.INTERNAL, Status.Code.UNAVAILABLE);
        assertThat(e.getStatus().getDescription()).isNotBlank().doesNotContain("CallOptions deadline exceeded");
        return e.getStatus().getDescription();
    }
}
