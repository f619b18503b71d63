package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.proto.cri.DNSConfig;
import io.cairn.proto.cri.PodSandboxConfig;
import io.vavr.collection.List;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The files every container of a pod sees unless the kubelet mounts its own: resolv.conf(5), hostname, hosts(5). */
public record PodFilesWriter(String hostname) {
    private static final int COPY_BYTES_MAX = 1 << 20;

    /** @param dir exists */
    public void write(PodSandboxConfig config, Path dir) throws IOException, DriverException {
        String resolv = resolvConf(config.getDnsConfig());
        put(dir.resolve("resolv.conf"), resolv.isEmpty() ? copy(Path.of("/etc/resolv.conf")) : resolv.getBytes(StandardCharsets.UTF_8));
        String name = config.getHostname().isEmpty() ? hostname : config.getHostname();
        put(dir.resolve("hostname"), (word(name, "hostname") + "\n").getBytes(StandardCharsets.UTF_8));
        put(dir.resolve("hosts"), copy(Path.of("/etc/hosts")));
    }

    private static String resolvConf(DNSConfig dns) throws DriverException {
        var text = new StringBuilder();
        line(text, "search", List.ofAll(dns.getSearchesList()));
        for (String server : dns.getServersList()) {
            line(text, "nameserver", List.of(server));
        }
        line(text, "options", List.ofAll(dns.getOptionsList()));
        return text.toString();
    }

    private static void line(StringBuilder text, String keyword, List<String> values) throws DriverException {
        if (values.isEmpty()) {
            return;
        }
        text.append(keyword);
        for (String value : values) {
            text.append(' ').append(word(value, keyword + " of dns_config"));
        }
        text.append('\n');
    }

    /** A blank or a line break in a value would be a directive of its own. */
    private static String word(String value, String field) throws DriverException {
        if (value.isEmpty() || value.length() > 1024 || value.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
            throw Failures.invalid("Expected %s to be one word of at most 1024 characters, but it is \"%.200s\"", field, value);
        }
        return value;
    }

    private static byte[] copy(Path file) throws IOException {
        if (Files.notExists(file)) {
            return new byte[0];
        }
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(COPY_BYTES_MAX);
        }
    }

    /** Readable for every user of a container. In place, since containers have this very file mounted. */
    private static void put(Path file, byte[] bytes) throws IOException {
        if (Files.notExists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.write(file, bytes);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
}
