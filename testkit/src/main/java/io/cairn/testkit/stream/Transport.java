package io.cairn.testkit.stream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A client's connection as bytes. */
public interface Transport extends AutoCloseable {
    void send(byte[] bytes, int length) throws IOException;

    InputStream received() throws IOException;

    @Override
    void close() throws IOException;

    /** The answer to an upgrade, and the connection. */
    record Upgraded(String head, Socket socket) implements Transport {
        public int status() {
            return Integer.parseInt(head.split(" ")[1]);
        }

        public String header(String name) {
            return head.lines().filter(l -> l.toLowerCase().startsWith(name.toLowerCase() + ":")).findFirst()
                    .map(l -> l.substring(name.length() + 1).strip()).orElse("");
        }

        @Override
        public void send(byte[] bytes, int length) throws IOException {
            socket.getOutputStream().write(bytes, 0, length);
        }

        @Override
        public InputStream received() throws IOException {
            return socket.getInputStream();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    static Upgraded upgrade(String method, String url, String... headers) throws IOException {
        URI uri = URI.create(url);
        var socket = new Socket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(60_000);
        socket.setTcpNoDelay(true);
        var request = new StringBuilder(method + " " + uri.getRawPath() + " HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\n");
        List.of(headers).forEach(h -> request.append(h).append("\r\n"));
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        var head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int read = socket.getInputStream().read();
            if (read < 0) {
                socket.close();
                throw new IOException("Expected an answer to an upgrade of %s, but the connection ended after \"%s\"".formatted(url, head));
            }
            head.append((char) read);
        }
        return new Upgraded(head.toString(), socket);
    }

    /** Messages of a WebSocket by the JDK's own client. */
    final class Messages implements AutoCloseable, WebSocket.Listener {
        private final Consumer<byte[]> each;
        private volatile WebSocket socket;
        private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
        private final StringBuilder partialText = new StringBuilder();
        public volatile int closeCode;

        private Messages(Consumer<byte[]> each) {
            this.each = each;
        }

        /** @param each gets every message, and null at the end */
        public static Messages connect(String url, Consumer<byte[]> each, String... protocols) {
            var messages = new Messages(each);
            var builder = HttpClient.newHttpClient().newWebSocketBuilder();
            if (protocols.length > 0) {
                builder.subprotocols(protocols[0], List.of(protocols).subList(1, protocols.length).toArray(new String[0]));
            }
            messages.socket = builder.buildAsync(URI.create(url.replaceFirst("^http", "ws")), messages).join();
            return messages;
        }

        public String protocol() {
            return socket.getSubprotocol();
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            partial.writeBytes(bytes);
            if (last) {
                each.accept(partial.toByteArray());
                partial.reset();
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            partialText.append(data);
            if (last) {
                each.accept(partialText.toString().getBytes(StandardCharsets.US_ASCII));
                partialText.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closeCode = code;
            each.accept(null);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            each.accept(null);
        }

        public void sendText(String text) {
            socket.sendText(text, true).join();
        }

        public void send(byte[] bytes, int length) {
            socket.sendBinary(ByteBuffer.wrap(bytes.clone(), 0, length), true).join();
        }

        @Override
        public void close() {
            socket.abort();
        }
    }
}
