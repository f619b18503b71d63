package io.cairn.core.stats;

import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the process table tells of the processes of a container.
 *
 * @param openFilesSoftLimit RLIMIT_NOFILE of the main process; none without a limit, or when it has ended
 */
public record ProcessCounts(long processes, long openFiles, long sockets, Option<Long> openFilesSoftLimit) {
    /** A container with more open files is told to have so many: each costs a system call. */
    private static final int FILES_MAX = 50_000;
    private static final Path PROC = Path.of("/proc");
    private static final String OPEN_FILES = "Max open files";

    static ProcessCounts of(List<Long> pids, long mainPid) {
        long files = 0;
        long sockets = 0;
        for (long pid : pids) {
            List<String> targets = openFiles(process(pid).resolve("fd"), FILES_MAX - files);
            files += targets.size();
            sockets += targets.count(target -> target.startsWith("socket:"));
        }
        return new ProcessCounts(pids.size(), files, sockets, openFilesSoftLimit(mainPid));
    }

    /** What is gone in the middle of it, be it a file or the process, is not counted. */
    private static List<String> openFiles(Path directory, long most) {
        List<String> targets = List.empty();
        try (DirectoryStream<Path> open = Files.newDirectoryStream(directory)) {
            for (Path file : open) {
                if (targets.size() < most) {
                    targets = targets.prepend(Files.readSymbolicLink(file).toString());
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return targets;
        }
        return targets;
    }

    /** proc_pid_limits(5): {@code Max open files            1024                 524288               files}. */
    private static Option<Long> openFilesSoftLimit(long pid) {
        try (var lines = Files.lines(process(pid).resolve("limits"), StandardCharsets.US_ASCII)) {
            return Option.ofOptional(lines.filter(line -> line.startsWith(OPEN_FILES)).findFirst())
                    .map(line -> line.substring(OPEN_FILES.length()).strip().split("\\s+")[0]).filter(soft -> soft.matches("[0-9]{1,18}"))
                    .map(Long::parseLong);
        } catch (IOException | UncheckedIOException e) {
            return Option.none();
        }
    }

    private static Path process(long pid) {
        return PROC.resolve(Long.toString(pid));
    }
}
