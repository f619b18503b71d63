package io.cairn.core.cri;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Programs;
import io.cairn.proto.cri.AuthConfig;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.ListContainersRequest;
import io.cairn.proto.cri.PullImageRequest;
import io.cairn.proto.cri.StartContainerRequest;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Peer;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What the journals say of who called, and what they must never say. */
class CriEvidenceTest {
    @TempDir(factory = InMemory.class) Path temp;

    private CriFixture cri;

    @BeforeEach
    void start() throws Exception {
        cri = new CriFixture(temp);
    }

    @AfterEach
    void end() throws Exception {
        cri.close();
    }

    @Test
    void everyEventOfACallNamesTheCallerTheCallAndItsCause() throws Exception {
        cri.pull("app");
        String pod = cri.run("p");
        cri.running(pod, "c", Programs.SLEEP);

        Peer me = Peer.newBuilder().setPid(ProcessHandle.current().pid()).setUid((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                .setGid((int) Files.getAttribute(Path.of("/proc/self"), "unix:gid"))
                .setExecutable(Files.readSymbolicLink(Path.of("/proc/self/exe")).toString()).build();
        List<Event> ofCalls = cri.events().stream().filter(e -> !e.getCorrelationId().isEmpty()).toList();
        assertThat(ofCalls).hasSize(8);
        assertThat(ofCalls).allMatch(e -> e.getPeer().equals(me));
        for (int i = 0; i < ofCalls.size(); i += 2) {
            Event intent = ofCalls.get(i);
            Event outcome = ofCalls.get(i + 1);
            assertThat(intent.getCausation()).isZero();
            assertThat(outcome.getCausation()).isEqualTo(intent.getSequence());
            assertThat(outcome.getCorrelationId()).isEqualTo(intent.getCorrelationId());
            assertThat(outcome.getDriver()).isEqualTo("simulated");
        }
        assertThat(ofCalls.stream().map(Event::getCorrelationId).distinct()).hasSize(4);
    }

    @Test
    void callsThatChangeNothingAreInTheAccessJournalOnly() throws Exception {
        int events = cri.events().size();
        cri.runtime().listContainers(ListContainersRequest.getDefaultInstance());
        Assertions.catchThrowableOfType(StatusRuntimeException.class,
                () -> cri.runtime().startContainer(StartContainerRequest.newBuilder().setContainerId("nowhere").build()));
        Eventually.holds("both calls are recorded", () -> calls().size() >= 2);
        assertThat(calls()).extracting(e -> e.getCallServed().getMethod() + " " + e.getCallServed().getSubject() + " " + e.getCallServed().getStatus())
                .containsExactly("ListContainers  OK", "StartContainer nowhere NOT_FOUND");
        assertThat(calls()).allMatch(e -> e.getPeer().getPid() == ProcessHandle.current().pid());
        assertThat(calls()).allMatch(e -> e.getCallServed().getLatencyNanos() > 0);
        assertThat(cri.events()).hasSize(events);
    }

    @Test
    void credentialsOfARegistryAreWrittenNowhere() throws Exception {
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var cairn = (Logger) LoggerFactory.getLogger("io.cairn");
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        root.addAppender(lines);
        cairn.setLevel(Level.TRACE);
        try {
            for (String image : List.of("app", "missing")) {
                Assertions.catchThrowable(() -> cri.images().pullImage(PullImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image)).setAuth(AuthConfig.newBuilder().setUsername("secret-user")
                                .setPassword("secret-password").setAuth("secret-auth").setIdentityToken("secret-identity")
                                .setRegistryToken("secret-registry")).build()));
            }
            cri.stop();
            assertThat(filesWith("docker.io/library/app")).as("the search finds what is there").isNotEmpty();
            assertThat(filesWith("secret-")).isEmpty();
            assertThat(lines.list).isNotEmpty().noneMatch(line -> line.getFormattedMessage().contains("secret-"));
        } finally {
            cairn.setLevel(null);
            root.detachAppender(lines);
            cri.start();
        }
    }

    private List<Event> calls() {
        try {
            return cri.calls().stream().filter(Event::hasCallServed).toList();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Path> filesWith(String text) throws Exception {
        try (var walk = Files.walk(temp)) {
            return walk.filter(Files::isRegularFile).filter(file -> {
                try {
                    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text);
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }).toList();
        }
    }
}
