package io.cairn.driver.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.model.Event;
import io.cairn.core.driver.DriverException;
import io.cairn.proto.journal.Failure;
import io.cairn.testkit.DockerProcess;
import io.vavr.collection.HashMap;
import io.vavr.control.Option;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerEngineTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path dir;
    private DockerProcess docker;
    private Engine engine;

    @BeforeEach
    void start() throws Exception {
        docker = DockerProcess.start(dir.resolve("docker"), true);
        engine = new Engine(docker.socket(), PATIENCE);
    }

    @AfterEach
    void stop() throws Exception {
        engine.close();
        docker.close();
    }

    private static DriverException failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        var caught = new java.util.concurrent.atomic.AtomicReference<DriverException>();
        assertThatThrownBy(call).isInstanceOfSatisfying(DriverException.class, caught::set);
        return caught.get();
    }

    @Test
    void the_newest_version_of_the_api_that_both_know_is_spoken() throws Exception {
        String newest = docker.get("/version").path("ApiVersion").asText();

        assertThat(engine.api()).isEqualTo(ApiVersion.parse(newest).compareTo(ApiVersion.NEWEST) < 0 ? ApiVersion.parse(newest) : ApiVersion.NEWEST);
        assertThat(engine.version().getApiVersion()).isEqualTo(newest);
        assertThat(engine.info().getDockerRootDir()).isEqualTo(docker.dataRoot().toString());
    }

    @Test
    void what_is_not_there_is_none() throws Exception {
        assertThat(engine.container("nobody")).isEqualTo(Option.none());
        assertThat(engine.image("nothing")).isEqualTo(Option.none());
        assertThat(engine.exec("nothing")).isEqualTo(Option.none());
        assertThat(engine.killContainer("nobody", 9)).isFalse();
        assertThat(engine.removeContainer("nobody")).isTrue();
        assertThat(engine.removeImage("nothing")).isTrue();
        assertThat(engine.images()).isEmpty();
        assertThat(engine.containers(HashMap.of("a", "b"))).isEmpty();
    }

    @Test
    void refusals_say_what_was_tried_where_and_what_the_engine_said() {
        DriverException absent = failure(() -> engine.startContainer("nobody"));
        assertThat(absent.kind()).isEqualTo(Failure.Kind.NOT_FOUND);
        assertThat(absent).hasMessage("Cannot start container nobody: docker at %s says: No such container: nobody".formatted(docker.socket()));

        DriverException noArchive = failure(() -> engine.loadImage(out -> out.write("no archive".getBytes()), PATIENCE));
        assertThat(noArchive.getMessage()).startsWith("Cannot load an image: docker at %s says: ".formatted(docker.socket()));

        DriverException noImage = failure(() -> engine.createContainer(new NewContainer("a", "nothing", c -> c, HashMap.empty())));
        assertThat(noImage.kind()).isEqualTo(Failure.Kind.NOT_FOUND);
        assertThat(noImage.getMessage()).contains("Cannot create container a", "No such image: nothing");
    }

    @Test
    void an_engine_that_is_away_is_named_by_its_socket_and_found_again_when_it_is_back() throws Exception {
        engine.version();
        docker.kill();

        DriverException away = failure(engine::version);
        assertThat(away.kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
        assertThat(away).hasMessage("Cannot ask for the version: docker at %s does not answer: Connection refused: is it running?"
                .formatted(docker.socket()));
        assertThat(failure(engine::images).kind()).isEqualTo(Failure.Kind.UNAVAILABLE);

        docker.startAgain();
        assertThat(engine.images()).isEmpty();
    }

    @Test
    void an_engine_that_is_silent_is_given_up_in_time() throws Exception {
        Path socket = dir.resolve("silent.sock");
        try (var server = ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
                var silent = new Engine(socket, Duration.ofMillis(200))) {
            Thread.ofVirtual().start(() -> accept(server));

            DriverException late = failure(silent::version);

            assertThat(late.kind()).isEqualTo(Failure.Kind.TIMED_OUT);
            assertThat(late.getMessage()).startsWith("Cannot ask for the version: docker at %s has not answered within".formatted(socket));
        }
    }

    private static void accept(ServerSocketChannel server) {
        try (SocketChannel _ = server.accept(); SocketChannel _ = server.accept()) {
            throw new AssertionError("Expected one connection");
        } catch (java.io.IOException e) {
            // The test is over.
        }
    }

    @Test
    void events_end_when_the_stream_is_closed_and_when_the_engine_ends() throws Exception {
        try (EventStream stream = engine.events(Option.none(), HashMap.of("a", "b"))) {
            Thread.ofVirtual().start(stream::close);
            Option<Event> end = stream.next();
            assertThat(end).isEqualTo(Option.none());
        }
        try (EventStream stream = engine.events(Option.none(), HashMap.of("a", "b"))) {
            docker.kill();
            DriverException broken = failure(stream::next);
            assertThat(broken.kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
        }
    }
}
