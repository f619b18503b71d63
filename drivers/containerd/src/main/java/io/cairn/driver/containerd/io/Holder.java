package io.cairn.driver.containerd.io;

import io.cairn.linux.Child;
import io.cairn.linux.Fifo;
import io.cairn.linux.Poller;
import io.cairn.linux.Program;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that keeps a container's FIFOs open beside the daemon, and does nothing else. The shim closes both its ends when the
 * container ends, and what is in a FIFO that nobody has open is gone: without a holder the last output of a container that ends while
 * the daemon is down would be lost.
 *
 * <p>Nobody needs to know its pid. It lives until its leash is opened ({@link #release}), or the machine is down; whether it lives
 * tells a FIFO that only it reads. Its arguments name the leash, by which an operator finds the container.
 */
final class Holder {
    private static final String PROGRAM = "cairn-hold";
    private static final Duration START_MAX = Duration.ofSeconds(10);
    private static final Duration END_MAX = Duration.ofSeconds(10);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Path program;

    private Holder(Path program) {
        this.program = program;
    }

    /** Puts the program into a directory from which programs can be run. */
    static Holder install(Path directory) throws IOException {
        Path program = directory.resolve(PROGRAM);
        byte[] bytes = HolderProgram.of(System.getProperty("os.arch", ""));
        Files.createDirectories(directory);
        if (!Files.exists(program) || !Arrays.equals(Files.readAllBytes(program), bytes)) {
            Path fresh = directory.resolve(PROGRAM + ".new");
            Files.write(fresh, bytes);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwx------"));
            Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return new Holder(program);
    }

    /**
     * Begins to hold, unless a holder does already. The descriptors are the holder's own as soon as this returns.
     *
     * @param held is done once what is in the FIFOs outlives this daemon, or tells why it does not
     */
    void hold(OutputFiles files, Vector<Fifo> outputs, Poller poller, CompletableFuture<Void> held) throws IOException {
        Fifo.make(files.leash(), OutputFiles.OWNER_ONLY);
        Fifo.make(files.held(), OutputFiles.OWNER_ONLY);
        if (Fifo.isRead(files.held())) {
            held.complete(null);
            return;
        }
        try (Fifo mark = Fifo.openToRead(poller, files.held(), () -> {})) {
            Child child = start(files, outputs.append(mark));
            Thread.startVirtualThread(() -> awaitBegun(child, held));
        }
    }

    /** Its descriptors from 0 on are what it is given. */
    private Child start(OutputFiles files, Vector<Fifo> held) throws IOException {
        Map<Integer, Integer> descriptors = new HashMap<>();
        held.forEach(fifo -> descriptors.put(descriptors.size(), fifo.descriptor()));
        return Child.start(new Program(List.of(program.toString(), files.leash().toString()), Map.of(), Path.of("/")), descriptors);
    }

    /** The program itself ends at once; its child holds. */
    private void awaitBegun(Child child, CompletableFuture<Void> held) {
        try (child) {
            if (!child.awaitEnd(START_MAX)) {
                child.kill();
                held.completeExceptionally(new IOException("%s did not begin within %s".formatted(program, START_MAX)));
            } else if (child.exitCode() != 0) {
                held.completeExceptionally(new IOException(
                        "%s ended with exit code %d: no process could be made".formatted(program, child.exitCode())));
            } else {
                held.complete(null);
            }
        } catch (InterruptedException e) {
            held.completeExceptionally(new IOException("interrupted while " + program + " was started", e));
        }
    }

    /** Lets it end, if there is one. */
    static void release(OutputFiles files) throws IOException {
        Fifo.dissolve(files.leash());
    }

    /** Of one that was released, also while it was only beginning. */
    static void awaitEnd(OutputFiles files) throws IOException {
        long deadline = System.nanoTime() + END_MAX.toNanos();
        while (Files.exists(files.held()) && Fifo.isRead(files.held())) {
            if (System.nanoTime() - deadline >= 0) {
                throw new IOException("%s, which holds the outputs in %s open, was released and does not end within %s".formatted(
                        PROGRAM, files.directory(), END_MAX));
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
