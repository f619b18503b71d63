package io.cairn.testkit;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;

/**
 * The addresses of a node's pods: 256 of 198.18.0.0/15, which is for tests of networks (RFC 2544) and so nobody's own. No two nodes on one host
 * have the same: whoever has them listens on an address of the loopback network with their number, which the kernel takes back at the latest when
 * the process has ended, in whatever way.
 *
 * @param number 0 to 255
 * @param claim what listens
 */
record PodRange(int number, ServerSocket claim) implements Closeable {
    /** Below those that {@link FreePort} and the kernel give. */
    private static final int PORT = 9198;
    private static final int RANGES = 256;
    private static final int TRIES_MAX = 10 * RANGES;

    /** One that nobody has, and that is in no route: it may be of a bridge that somebody has left. */
    static PodRange take() throws IOException, InterruptedException {
        var random = new SecureRandom();
        String routes = Tool.run("ip", "-4", "route").orThrow();
        var refusal = new BindException("all are in routes");
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            int number = random.nextInt(RANGES);
            if (!routes.contains("198.18.%d.".formatted(number))) {
                try {
                    return new PodRange(number, new ServerSocket(PORT, 1, InetAddress.ofLiteral("127.198.%d.1".formatted(number))));
                } catch (BindException taken) {
                    refusal = taken;
                }
            }
        }
        throw new IOException("Expected one of 198.18.0.0/24 to 198.18.255.0/24 to be free, but of %d tries none was".formatted(TRIES_MAX), refusal);
    }

    /** As networks are written in configurations. */
    String cidr() {
        return "198.18.%d.0/24".formatted(number);
    }

    @Override
    public void close() throws IOException {
        claim.close();
    }
}
