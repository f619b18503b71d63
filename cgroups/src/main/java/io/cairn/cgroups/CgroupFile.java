package io.cairn.cgroups;

import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** The forms that files of cgroups have. A line or a number that does not read as expected is passed over: kernels differ. */
final class CgroupFile {
    private static final int BYTES_MAX = 1 << 20;

    private CgroupFile() {}

    /** What a file says; none where it, or its cgroup, is not there (any more). */
    static Option<String> text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Option.some(new String(in.readNBytes(BYTES_MAX), StandardCharsets.US_ASCII));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Option.none();
        } catch (IOException e) {
            // A cgroup that goes away while it is read gives ENODEV; a pressure file gives EOPNOTSUPP where PSI is switched off.
            if (!Files.exists(file) || String.valueOf(e.getMessage()).contains("not supported")) {
                return Option.none();
            }
            throw e;
        }
    }

    static Option<Long> number(Path file) throws IOException {
        return text(file).flatMap(text -> number(text.strip()));
    }

    /** {@code max}, and what no machine has (v1 says "no limit" by a number near 2^63), is no limit. */
    static Option<Long> limit(Path file) throws IOException {
        return number(file).filter(bytes -> bytes < 1L << 60);
    }

    /** {@code name value} a line. */
    static Map<String, Long> flat(Path file) throws IOException {
        return lines(file).flatMap(line -> pair(line, " ")).foldLeft(HashMap.empty(), (all, pair) -> all.put(pair.name(), pair.value()));
    }

    static List<String> lines(Path file) throws IOException {
        return text(file).map(text -> List.of(text.split("\n"))).getOrElse(List.empty());
    }

    /** {@code name=value}, or with another sign between. */
    static Option<Pair> pair(String text, String sign) {
        String[] halves = text.strip().split(sign, 2);
        return halves.length == 2 ? number(halves[1]).map(value -> new Pair(halves[0], value)) : Option.none();
    }

    static Option<Long> number(String text) {
        try {
            return Option.some(Long.parseUnsignedLong(text.strip()));
        } catch (NumberFormatException e) {
            return Option.none();
        }
    }

    record Pair(String name, long value) {}
}
