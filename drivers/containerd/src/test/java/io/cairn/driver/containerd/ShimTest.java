package io.cairn.driver.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import io.cairn.driver.containerd.proto.shim.Request;
import io.cairn.driver.containerd.proto.shim.Response;
import io.cairn.driver.containerd.proto.shim.StateRequest;
import io.cairn.driver.containerd.proto.shim.StateResponse;
import io.cairn.driver.containerd.proto.shim.Status;
import io.cairn.driver.host.ProcessRef;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A shim that is asked past containerd, and one that is none. */
class ShimTest {
    private static final StateResponse STOPPED = StateResponse.newBuilder().setId("c1").setPid(17)
            .setStatus(io.cairn.driver.containerd.proto.task.Status.STOPPED).setExitStatus(5).setExitedAt(Timestamp.newBuilder().setSeconds(99)).build();

    @TempDir
    private Path bundle;
    private Process process;
    private ServerSocketChannel server;

    @BeforeEach
    void start() throws IOException {
        process = new ProcessBuilder("sleep", "1000").directory(bundle.toFile()).start();
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(bundle.resolve("s")));
    }

    @AfterEach
    void end() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        server.close();
    }

    private Shim shim() throws IOException {
        return new Shim(ProcessRef.of(process.pid()).get(), "some");
    }

    private void listens() throws IOException {
        Files.writeString(bundle.resolve("address"), "unix://" + bundle.resolve("s"));
    }

    /** Answers one question with these bytes and hangs up. @return the question */
    private CompletableFuture<Request> answering(byte[] frame) {
        return CompletableFuture.supplyAsync(() -> {
            try (var client = server.accept()) {
                var in = new DataInputStream(Channels.newInputStream(client));
                int length = in.readInt();
                assertThat(in.readInt()).isEqualTo(1);
                assertThat(in.readByte()).isEqualTo((byte) 1);
                in.readByte();
                var request = Request.parseFrom(in.readNBytes(length));
                client.write(ByteBuffer.wrap(frame));
                return request;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static byte[] frame(int length, int stream, int type, byte[] payload) {
        return ByteBuffer.allocate(10 + payload.length).putInt(length).putInt(stream).put((byte) type).put((byte) 0).put(payload).array();
    }

    private static byte[] response(Response response) {
        return frame(response.getSerializedSize(), 1, 2, response.toByteArray());
    }

    @ParameterizedTest
    @CsvSource({"address, containerd.task.v2.Task", "bootstrap.json, containerd.task.v3.Task"})
    void itTellsHowItsContainerEnded(String file, String service) throws Exception {
        String address = "unix://" + bundle.resolve("s");
        Files.writeString(bundle.resolve(file), file.equals("address") ? address : "{\"version\": 3, \"address\": \"%s\"}".formatted(address));
        var asked = answering(response(Response.newBuilder().setPayload(STOPPED.toByteString()).build()));

        assertThat(shim().state("c1")).isEqualTo(STOPPED);
        Request request = asked.get();
        assertThat(request.getService()).isEqualTo(service);
        assertThat(request.getMethod()).isEqualTo("State");
        assertThat(StateRequest.parseFrom(request.getPayload()).getId()).isEqualTo("c1");
        assertThat(request.getMetadata(0).getValue()).isEqualTo("some");
    }

    @Test
    void whatItRefusesIsToldInItsWords() throws Exception {
        listens();
        answering(response(Response.newBuilder().setStatus(Status.newBuilder().setCode(5).setMessage("container not created")).build()));
        assertThatThrownBy(() -> shim().state("c1")).isInstanceOf(IOException.class).hasMessageContaining("container not created");
    }

    @ParameterizedTest
    @CsvSource({"-1, 1, 2", "2000000000, 1, 2", "0, 3, 2", "0, 1, 1"})
    void whatIsNoAnswerIsNotReadAsOne(int length, int stream, int type) throws Exception {
        listens();
        answering(frame(length, stream, type, new byte[0]));
        assertThatThrownBy(() -> shim().state("c1")).isInstanceOf(IOException.class).hasMessageContaining("expected the response of a shim");
    }

    @Test
    void oneThatHangsUpOrSaysNowhereWhereItListensIsNoWitness() throws Exception {
        assertThatThrownBy(() -> shim().state("c1")).isInstanceOf(IOException.class).hasMessageContaining("where it listens");
        listens();
        answering(new byte[3]);
        assertThatThrownBy(() -> shim().state("c1")).isInstanceOf(IOException.class);
        Shim gone = shim();
        process.destroyForcibly().waitFor();
        assertThatThrownBy(() -> gone.state("c1")).isInstanceOf(IOException.class);
    }
}
