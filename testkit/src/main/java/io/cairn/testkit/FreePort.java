package io.cairn.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * TCP ports for programs that must be told theirs. Not one of those that the kernel gives to whoever asks for any (ip(7),
 * {@code ip_local_port_range}): it would give it to somebody else before the program has started.
 */
public final class FreePort {
    private static final Path GIVEN_BY_THE_KERNEL = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int LINE_BYTES_MAX = 100;
    private static final int LOWEST = 10_000;
    private static final int TRIES_MAX = 100;

    private FreePort() {}

    /** A port on which nobody listens. */
    public static int pick() throws IOException {
        int end = givenFrom();
        if (end <= LOWEST) {
            throw new IOException("Expected the ports that the kernel gives to begin above %d, but they do at %d: see %s".formatted(LOWEST, end,
                    GIVEN_BY_THE_KERNEL));
        }
        var random = new SecureRandom();
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            int port = random.nextInt(LOWEST, end);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IOException("Expected a free port between %d and %d, but %d of them are taken".formatted(LOWEST, end, TRIES_MAX));
    }

    /** The kernel gives such a file to the first read only, however little that asks for, and readString begins with one byte. */
    private static int givenFrom() throws IOException {
        try (InputStream in = Files.newInputStream(GIVEN_BY_THE_KERNEL)) {
            return Integer.parseInt(new String(in.readNBytes(LINE_BYTES_MAX), StandardCharsets.US_ASCII).strip().split("\\s+")[0]);
        }
    }

    private static boolean isFree(int port) {
        try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
