package io.cairn.driver.docker.engine;

import com.github.dockerjava.transport.DockerHttpClient;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** What the engine answers to one request (RFC 9112, as much of it as a server on this host uses). Belongs to one thread. */
final class Answer implements DockerHttpClient.Response {
    private static final int HEAD_BYTES_MAX = 64 << 10;

    private final Wire wire;
    private final int status;
    private final Map<String, String> headers;
    private final InputStream body;

    private Answer(Wire wire, int status, Map<String, String> headers, InputStream body) {
        this.wire = wire;
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** Waits for status and headers. */
    static Answer read(Wire wire) throws IOException {
        var input = new BufferedInputStream(wire.input());
        int budget = HEAD_BYTES_MAX;
        String statusLine = line(wire, input, budget);
        if (!statusLine.matches("HTTP/1\\.[01] [1-5][0-9][0-9]( .*)?")) {
            throw new NoAnswer(NoAnswer.Why.BROKEN, "it does not speak HTTP", null);
        }
        Map<String, String> headers = HashMap.empty();
        for (String line = line(wire, input, budget); !line.isEmpty(); line = line(wire, input, budget)) {
            budget -= line.length();
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers = headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
            }
        }
        int status = Integer.parseInt(statusLine.substring(9, 12));
        return new Answer(wire, status, headers, body(wire, input, status, headers));
    }

    private static InputStream body(Wire wire, InputStream input, int status, Map<String, String> headers) throws IOException {
        if (status == 204 || status == 304) {
            return InputStream.nullInputStream();
        }
        boolean chunked = headers.get("transfer-encoding").exists(e -> e.equalsIgnoreCase("chunked"));
        if (chunked) {
            return new ChunkedBody(wire, input);
        }
        String length = headers.get("content-length").getOrElse("");
        return length.matches("[0-9]{1,18}") ? new SizedBody(wire, input, Long.parseLong(length)) : input;
    }

    /** Without its end; none is longer than {@code max}. */
    static String line(Wire wire, InputStream input, int max) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int c = input.read(); c != '\n'; c = input.read()) {
            if (c < 0) {
                throw wire.ended();
            }
            if (line.size() >= max) {
                throw new NoAnswer(NoAnswer.Why.BROKEN, "the head of its answer is longer than %d bytes".formatted(HEAD_BYTES_MAX), null);
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    Wire wire() {
        return wire;
    }

    /** @param name in small letters */
    Option<String> header(String name) {
        return headers.get(name);
    }

    @Override
    public int getStatusCode() {
        return status;
    }

    @Override
    public java.util.Map<String, List<String>> getHeaders() {
        return headers.mapValues(List::of).toJavaMap();
    }

    @Override
    public InputStream getBody() {
        return body;
    }

    @Override
    public void close() {
        wire.close();
    }
}
