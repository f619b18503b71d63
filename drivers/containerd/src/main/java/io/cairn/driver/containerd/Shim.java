package io.cairn.driver.containerd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.shim.KeyValue;
import io.cairn.driver.containerd.proto.shim.Request;
import io.cairn.driver.containerd.proto.shim.Response;
import io.cairn.driver.containerd.proto.shim.ResumeRequest;
import io.cairn.driver.containerd.proto.shim.StateRequest;
import io.cairn.driver.containerd.proto.shim.StateResponse;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Option;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A shim that is asked itself, past a containerd that is away: its answers to questions are of use, and little that it is told to do, since
 * containerd would not know of it. A containerd from 1.7 on that comes back forgets a task that has ended meanwhile, and then nobody knows.
 *
 * <p>Where it listens is in the directory in which it runs, its bundle.
 */
record Shim(ProcessRef process, String namespace) {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final byte REQUEST = 1;
    private static final byte RESPONSE = 2;
    private static final int HEADER_BYTES = 10;
    private static final int MESSAGE_BYTES_MAX = 4 << 20;
    private static final String SCHEME = "unix://";

    /** @param service containerd.task.v2.Task, or v3 for shims of containerd 2 */
    private record Endpoint(Path socket, String service) {}

    /** What is to be asked of a shim. */
    @FunctionalInterface
    interface Question<T> {
        T ask(Shim shim) throws IOException;
    }

    /**
     * Puts to a shim what containerd could not be asked.
     *
     * @param process none: nobody knows which
     * @throws DriverException the one given, where containerd is not away, or its shim does not answer either
     */
    static <T> T instead(DriverException away, Option<ProcessRef> process, String namespace, Question<T> question) throws DriverException {
        if (away.kind() != Failure.Kind.UNAVAILABLE || process.isEmpty()) {
            throw away;
        }
        try {
            return question.ask(new Shim(process.get(), namespace));
        } catch (IOException e) {
            away.addSuppressed(e);
            throw away;
        }
    }

    /** What it knows of a container's main process. */
    StateResponse state(String containerId) throws IOException {
        return StateResponse.parseFrom(call("State", StateRequest.newBuilder().setId(containerId).build()));
    }

    /** Has the processes of a paused container go on. Nothing of that is containerd's to know: it asks the shim each time. */
    void resume(String containerId) throws IOException {
        call("Resume", ResumeRequest.newBuilder().setId(containerId).build());
    }

    private ByteString call(String method, Message message) throws IOException {
        Endpoint endpoint = endpoint();
        var request = Request.newBuilder().setService(endpoint.service()).setMethod(method).setTimeoutNano(PATIENCE.toNanos())
                .addMetadata(KeyValue.newBuilder().setKey("containerd-namespace-ttrpc").setValue(namespace))
                .setPayload(message.toByteString()).build();
        Response response = exchange(endpoint.socket(), request);
        if (response.getStatus().getCode() != 0) {
            throw new IOException("shim %d says: %s".formatted(process.pid(), response.getStatus().getMessage()));
        }
        return response.getPayload();
    }

    private Endpoint endpoint() throws IOException {
        Path bundle = Path.of("/proc", Long.toString(process.pid()), "cwd");
        Option<ObjectNode> bootstrap = FileTrees.readObject(bundle.resolve("bootstrap.json"));
        String address = bootstrap.map(json -> json.path("address").asText()).getOrElse(
                new String(FileTrees.read(bundle.resolve("address")).getOrElse(new byte[0]), StandardCharsets.UTF_8)).strip();
        // After the files: what they say is of this very process.
        if (!process.isAlive() || !address.startsWith(SCHEME)) {
            throw new IOException("shim %d is gone, or says nowhere where it listens".formatted(process.pid()));
        }
        int version = bootstrap.map(json -> json.path("version").asInt()).getOrElse(2);
        return new Endpoint(Path.of(address.substring(SCHEME.length())), "containerd.task.v%d.Task".formatted(version));
    }

    /** One question on a connection of its own, which is closed under one that hangs. */
    private static Response exchange(Path socket, Request request) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                var alarm = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("cairn-shim-alarm").daemon().factory())) {
            var ring = alarm.schedule(() -> {
                channel.close();
                return null;
            }, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            try {
                send(channel, request.toByteArray());
                return Response.parseFrom(receive(new DataInputStream(Channels.newInputStream(channel))));
            } finally {
                ring.cancel(false);
            }
        }
    }

    private static void send(SocketChannel channel, byte[] payload) throws IOException {
        var frame = ByteBuffer.allocate(HEADER_BYTES + payload.length).putInt(payload.length).putInt(1).put(REQUEST).put((byte) 0).put(payload);
        for (frame.flip(); frame.hasRemaining(); ) {
            channel.write(frame);
        }
    }

    private static byte[] receive(DataInputStream in) throws IOException {
        int length = in.readInt();
        int stream = in.readInt();
        byte type = in.readByte();
        in.readByte();
        if (length < 0 || length > MESSAGE_BYTES_MAX || stream != 1 || type != RESPONSE) {
            throw new IOException("expected the response of a shim, but got %d bytes of type %d".formatted(length, type));
        }
        return in.readNBytes(length);
    }
}
