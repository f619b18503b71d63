package io.cairn.network;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Ends plugins with everything they started.
 *
 * <p>Children are found by descent, and, because a child whose parent has died descends from init, also by the CNI variables in
 * their environment. The latter finds the plugin of a daemon that was killed, too: it goes on running, and a DEL that overtakes
 * its ADD would leak. A process handle knows the start time of its process, so a pid in second use is not hit.
 */
final class ProcessTree {
    private static final long DEATH_TIMEOUT_MILLIS = 5_000;
    private static final int ENVIRONMENT_BYTES_USUAL = 4 << 10;
    private static final int ENVIRONMENT_BYTES_MAX = 1 << 20;

    private ProcessTree() {}

    /**
     * Kills a process and its descendants, and waits until they are gone (at most 5 s). The process comes first: it must not see
     * a child fail and go on with something else.
     */
    static void kill(ProcessHandle root) {
        var family = root.descendants().collect(Collectors.toCollection(HashSet::new));
        root.destroyForcibly();
        family.add(root);
        killAll(family);
    }

    /** Kills every process whose environment ({@code NAME=value}) has the mark in it and is as described, and waits likewise. */
    static void killByEnvironment(String mark, Predicate<Set<String>> described) {
        killAll(find(mark, described));
    }

    /**
     * Lets every such process end by itself, as what it does is then whole, and kills those that have not within a time.
     *
     * @return how many were found
     */
    static int endByEnvironment(String mark, Predicate<Set<String>> described, Duration patience) {
        Set<ProcessHandle> found = find(mark, described);
        if (found.isEmpty()) {
            return 0;
        }
        awaitExit(found, patience.toMillis());
        killByEnvironment(mark, described);
        return found.size();
    }

    private static Set<ProcessHandle> find(String mark, Predicate<Set<String>> described) {
        return Stream.of(processes()).filter(ProcessTree::isPid).map(Long::parseLong)
                .filter(pid -> pid != ProcessHandle.current().pid() && isMarked(environment(pid), mark, described))
                // Only once it is held can its number not be another's: it is looked at again.
                .flatMap(pid -> ProcessHandle.of(pid).stream()).filter(p -> isMarked(environment(p.pid()), mark, described))
                .collect(Collectors.toSet());
    }

    private static String[] processes() {
        String[] names = new File("/proc").list();
        if (names == null) {
            throw new UncheckedIOException(new IOException("Cannot list /proc, by which plugins that are left over are found"));
        }
        return names;
    }

    private static boolean isPid(String name) {
        return Character.isDigit(name.charAt(0));
    }

    /** An environment is taken apart only if its process may be one of ours. */
    private static boolean isMarked(String environment, String mark, Predicate<Set<String>> described) {
        if (!environment.contains(mark)) {
            return false;
        }
        var variables = new HashSet<>(List.of(environment.split("\0")));
        return variables.contains(mark) && described.test(variables);
    }

    private static void killAll(Set<ProcessHandle> family) {
        family.forEach(process -> process.destroyForcibly());
        // One in uninterruptible sleep outlives the wait: it will die on its way back from the kernel, before it does any more.
        awaitExit(family, DEATH_TIMEOUT_MILLIS);
    }

    private static void awaitExit(Set<ProcessHandle> family, long timeoutMillis) {
        var gone = CompletableFuture.allOf(family.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
        boolean interrupted = Thread.interrupted();
        try {
            gone.get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (ExecutionException | TimeoutException e) {
            // The caller has the next step ready.
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static String environment(long pid) {
        try (var in = new FileInputStream("/proc/" + pid + "/environ")) {
            var read = new ByteArrayOutputStream(ENVIRONMENT_BYTES_USUAL);
            read.writeBytes(in.readNBytes(ENVIRONMENT_BYTES_USUAL));
            if (read.size() == ENVIRONMENT_BYTES_USUAL) {
                read.writeBytes(in.readNBytes(ENVIRONMENT_BYTES_MAX - ENVIRONMENT_BYTES_USUAL));
            }
            return read.toString(StandardCharsets.UTF_8);
        } catch (IOException endedOrKernelThread) {
            return "";
        }
    }
}
