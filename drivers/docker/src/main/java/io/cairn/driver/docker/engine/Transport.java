package io.cairn.driver.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.transport.DockerHttpClient;
import io.cairn.images.registry.Json;
import io.vavr.control.Option;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP on the engine's socket: a connection for each request. What version of the API is spoken is settled with the first one, and anew
 * after the engine was away. Thread-safe.
 */
final class Transport implements DockerHttpClient {
    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);
    private static final int PIECE_BYTES = 64 << 10;
    private static final int JSON_BYTES_MAX = 1 << 20;

    private final Path socket;
    private final Duration callTimeout;
    private final ObjectMapper json;
    private final Deadlines deadlines = new Deadlines();
    private final AtomicReference<Option<ApiVersion>> api = new AtomicReference<>(Option.none());

    /** @param callTimeout of requests that name no limit of their own */
    Transport(Path socket, Duration callTimeout, ObjectMapper json) {
        this.socket = socket;
        this.callTimeout = callTimeout;
        this.json = json;
    }

    Path socket() {
        return socket;
    }

    /** Of a call that says nothing else. */
    TimeLimit limit() {
        return TimeLimit.of(callTimeout);
    }

    /** For docker-java. */
    @Override
    public Response execute(Request request) {
        try {
            return send(request, Option.none(), limit());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Answer send(Request request, Option<ImageArchive> body, TimeLimit limit) throws IOException {
        return exchange("/v" + api() + request.path(), request, body, limit);
    }

    /** All of an answer. */
    JsonNode json(Request request, TimeLimit limit) throws IOException {
        try (Answer answer = accepted(request, limit)) {
            return json.readTree(answer.getBody().readNBytes(JSON_BYTES_MAX));
        }
    }

    /** Refusals are docker-java's exceptions, as they are of its own commands. */
    Answer accepted(Request request, TimeLimit limit) throws IOException {
        return accepted(send(request, Option.none(), limit));
    }

    Answer accepted(Request request, ImageArchive body, TimeLimit limit) throws IOException {
        return accepted(send(request, Option.some(body), limit));
    }

    private static Answer accepted(Answer answer) throws IOException {
        int status = answer.getStatusCode();
        if (status < 400) {
            return answer;
        }
        try (answer) {
            String said = new String(answer.getBody().readNBytes(JSON_BYTES_MAX), StandardCharsets.UTF_8);
            throw switch (status) {
                case 404 -> new NotFoundException(said);
                case 409 -> new ConflictException(said);
                default -> new DockerException(said, status);
            };
        }
    }

    /** Settles the version if that was not done. */
    ApiVersion api() throws IOException {
        Option<ApiVersion> known = api.get();
        if (known.isDefined()) {
            return known.get();
        }
        ApiVersion chosen = negotiate();
        if (!api.getAndSet(Option.some(chosen)).contains(chosen)) {
            LOG.info("The engine at {} is spoken to by version {} of its API", socket, chosen);
        }
        return chosen;
    }

    /** Another engine may listen on the socket now. */
    void forgetApi() {
        api.set(Option.none());
    }

    private ApiVersion negotiate() throws IOException {
        Request request = Request.builder().method(Request.Method.GET).path("/version").build();
        try (Answer answer = exchange(request.path(), request, Option.none(), limit())) {
            JsonNode version = Json.read(answer.getBody().readNBytes(JSON_BYTES_MAX));
            ApiVersion newest = ApiVersion.parse(version.path("ApiVersion").asText(""));
            ApiVersion oldest = ApiVersion.parse(version.path("MinAPIVersion").asText("1.0"));
            if (newest.compareTo(ApiVersion.OLDEST) < 0 || oldest.compareTo(ApiVersion.NEWEST) > 0) {
                throw new NoAnswer(NoAnswer.Why.BROKEN, "it speaks versions %s to %s of its API, and Cairn %s to %s"
                        .formatted(oldest, newest, ApiVersion.OLDEST, ApiVersion.NEWEST), null);
            }
            return newest.compareTo(ApiVersion.NEWEST) < 0 ? newest : ApiVersion.NEWEST;
        } catch (IllegalArgumentException e) {
            throw new NoAnswer(NoAnswer.Why.BROKEN, "its version is none: " + e.getMessage(), e);
        }
    }

    private Answer exchange(String target, Request request, Option<ImageArchive> body, TimeLimit limit) throws IOException {
        Wire wire;
        try {
            wire = Wire.connect(socket, deadlines, limit);
        } catch (NoAnswer e) {
            forgetApi();
            throw e;
        }
        try {
            write(wire, target, request, body);
            return Answer.read(wire);
        } catch (IOException | RuntimeException | Error e) {
            wire.close();
            throw e;
        }
    }

    private static void write(Wire wire, String target, Request request, Option<ImageArchive> body) throws IOException {
        byte[] bytes = request.bodyBytes() == null ? new byte[0] : request.bodyBytes();
        String connection = request.headers().containsKey("Upgrade") ? "Upgrade" : "close";
        String length = body.isDefined() ? "Transfer-Encoding: chunked" : "Content-Length: " + bytes.length;
        var head = new StringBuilder("%s %s HTTP/1.1\r\nHost: docker\r\nConnection: %s\r\n%s\r\n".formatted(request.method(), target, connection, length));
        request.headers().forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        // In one piece: the engine may answer and close before it reads what it has no use for, and what is written after that fails.
        var whole = new ByteArrayOutputStream();
        whole.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        whole.writeBytes(bytes);
        wire.output().write(whole.toByteArray());
        if (body.isDefined()) {
            writeChunks(wire, body.get());
        }
    }

    private static void writeChunks(Wire wire, ImageArchive body) throws IOException {
        try (var pieces = new BufferedOutputStream(new Chunks(wire.output()), PIECE_BYTES)) {
            body.writeTo(pieces);
        } catch (NoAnswer e) {
            if (e.why() != NoAnswer.Why.BROKEN) {
                throw e;
            }
            // It may have said why it wants no more: that is read next.
            LOG.debug("The engine reads no further: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        deadlines.close();
    }
}
