package io.cairn.journal;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/** A JVM of its own that runs one of the test programs and can be killed at any moment. What it prints is kept here. */
final class Child implements AutoCloseable {
    private static final long DEADLINE_SECONDS = 60;
    private static final String NOT_NEEDED = ".*/(logback|junit|assertj|byte-buddy|surefire|opentest4j|apiguardian)[^/]*";

    private final Process process;
    private final Thread reader;
    private final List<String> lines = new ArrayList<>();

    private Child(Process process) {
        this.process = process;
        this.reader = Thread.ofVirtual().start(this::read);
    }

    /**
     * How to start children quickly: their classes in one jar, for an archive of loaded classes takes no directories, and that
     * archive, written by the first child that ends by itself.
     *
     * @param errors where children write their errors to
     */
    record Launcher(List<String> command, Path errors) {
        static Launcher make(Path directory) throws IOException {
            Path jar = directory.resolve("children.jar");
            var classPath = new ArrayList<>(List.of(jar.toString()));
            try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
                for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                    if (Files.isDirectory(Path.of(entry))) {
                        addClasses(Path.of(entry), out);
                    } else if (!entry.matches(NOT_NEEDED)) {
                        classPath.add(entry);
                    }
                }
            }
            var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .filter(argument -> argument.startsWith("--") || argument.startsWith("-Dchronicle"))
                    .toList());
            command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m", "-XX:-UsePerfData", "-Dslf4j.internal.verbosity=ERROR"));
            command.addAll(List.of("-XX:SharedArchiveFile=" + directory.resolve("children.jsa"), "-XX:+AutoCreateSharedArchive"));
            command.addAll(List.of("-Xlog:disable", "-cp", String.join(File.pathSeparator, classPath)));
            return new Launcher(command, directory.resolve("children.err"));
        }

        private static void addClasses(Path root, JarOutputStream out) throws IOException {
            try (var files = Files.walk(root)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                    out.putNextEntry(new ZipEntry(root.relativize(file).toString()));
                    Files.copy(file, out);
                }
            }
        }

        Child start(Class<?> program, String... arguments) throws IOException {
            return start(List.of(), program, arguments);
        }

        /** @param prefix what to run it under, as strace and its arguments */
        Child start(List<String> prefix, Class<?> program, String... arguments) throws IOException {
            var all = new ArrayList<>(prefix);
            all.addAll(command);
            all.add(program.getName());
            all.addAll(List.of(arguments));
            return new Child(new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile())).start());
        }
    }

    private void read() {
        try (var in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                }
            }
        } catch (IOException e) {
            // The pipe of a killed process: what was read so far is what it said.
        }
    }

    /** Waits until it has printed so many lines. */
    void awaitLines(int count) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        synchronized (lines) {
            while (lines.size() < count) {
                long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
                if (leftMillis <= 0 || !process.isAlive() && !reader.isAlive()) {
                    throw new AssertionError("Expected %d lines from the child, but got %s".formatted(count, lines));
                }
                lines.wait(Math.min(leftMillis, 100));
            }
        }
    }

    /** Waits for that long or until it ends. */
    boolean endsWithin(long time, TimeUnit unit) throws InterruptedException {
        return process.waitFor(time, unit);
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            close();
            throw new AssertionError("The child did not end within " + DEADLINE_SECONDS + " s");
        }
        reader.join();
        return process.exitValue();
    }

    /** Everything it printed; complete after it ended. */
    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL, and everything it had printed before. */
    List<String> kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
        reader.join();
        return lines();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
