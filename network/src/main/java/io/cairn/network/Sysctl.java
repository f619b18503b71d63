package io.cairn.network;

import io.cairn.linux.Namespaces.Kind;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One namespaced kernel parameter, checked. Which names belong to which namespace: ipc_namespaces(7), network_namespaces(7),
 * Documentation/admin-guide/sysctl of the kernel.
 */
record Sysctl(String name, Path file, String value) {
    private static final Path ROOT = Path.of("/proc/sys");
    private static final int NAME_CHARS_MAX = 253;
    private static final int VALUE_CHARS_MAX = 1024;
    /** As Kubernetes writes them: words of [a-z0-9_-] between dots or slashes; no empty word, hence no "..". */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)+");
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e\\t]+");

    static Either<String, Sysctl> parse(String name, String value, Set<Kind> owned) {
        if (name.length() > NAME_CHARS_MAX || !NAME.matcher(name).matches()) {
            return Either.left("Expected a sysctl name like net.ipv4.ip_forward, but got " + Text.quote(name));
        }
        if (value.length() > VALUE_CHARS_MAX || !VALUE.matcher(value).matches()) {
            return Either.left("Expected 1 to %d printable characters for sysctl %s, but got %s"
                    .formatted(VALUE_CHARS_MAX, name, Text.quote(value)));
        }
        String path = slashes(name);
        return kindOf(path).<Either<String, Sysctl>>map(kind -> owned.contains(kind)
                        ? Either.right(new Sysctl(name, ROOT.resolve(path), value))
                        : Either.left("sysctl %s belongs to the %s namespace, which this pod shares with the node"
                                .formatted(name, kind.procName())))
                .getOrElse(() -> Either.left("sysctl %s is not namespaced (or not allowed): it would change the node".formatted(name)));
    }

    /**
     * sysctl(8): the first separator decides. After a dot, dots separate and a slash stands for a dot within a name
     * ({@code net.ipv4.conf.eth0/100.forwarding}); after a slash it is the path as it stands.
     */
    private static String slashes(String name) {
        int dot = name.indexOf('.');
        int slash = name.indexOf('/');
        if (dot < 0 || slash >= 0 && slash < dot) {
            return name;
        }
        var path = new StringBuilder(name);
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            path.setCharAt(i, c == '.' ? '/' : c == '/' ? '.' : c);
        }
        return path.toString();
    }

    private static Option<Kind> kindOf(String path) {
        if (path.startsWith("net/")) {
            return Option.some(Kind.NET);
        }
        boolean ipc = path.startsWith("kernel/shm") || path.startsWith("kernel/msg") || path.equals("kernel/sem")
                || path.startsWith("fs/mqueue/");
        return ipc ? Option.some(Kind.IPC) : Option.none();
    }

    /** To be called on a thread in the namespace: /proc/sys shows the values of the namespaces of whoever opens a file. */
    void apply() throws IOException {
        try {
            Files.write(file, value.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("cannot set sysctl %s to %s by writing %s: %s"
                    .formatted(name, Text.quote(value), file, Text.reason(e)), e);
        }
    }
}
