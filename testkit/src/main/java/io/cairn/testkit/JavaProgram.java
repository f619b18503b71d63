package io.cairn.testkit;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * Programs among a module's tests, for processes of their own that are killed, and so are started over and over. What they need of the class
 * path is put into one jar: a cache of what Java has learnt (JEP 514) takes no directories. Immutable.
 */
public final class JavaProgram {
    private static final String NOT_NEEDED = ".*/(logback|junit|assertj|byte-buddy|surefire|opentest4j|apiguardian)[^/]*";
    private static final long LEARNING_SECONDS_MAX = 300;

    private final List<String> options;
    private final Path cache;
    private final String classPath;

    private JavaProgram(List<String> options, Path cache, String classPath) {
        this.options = options;
        this.cache = cache;
        this.classPath = classPath;
    }

    /** @param directory where the jar and the cache are made; must stay as long as programs are started */
    public static JavaProgram in(Path directory) throws IOException {
        Path jar = directory.resolve("programs.jar");
        var classPath = new ArrayList<>(List.of(jar.toString()));
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (String entry : System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")).split(File.pathSeparator)) {
                if (Files.isDirectory(Path.of(entry))) {
                    add(Path.of(entry), out);
                } else if (!entry.matches(NOT_NEEDED)) {
                    classPath.add(entry);
                }
            }
        }
        var options = new ArrayList<>(java());
        // Most of them live for less than a second: only what is called often is worth compiling.
        options.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=10", "-Xmx64m", "-XX:-UsePerfData",
                "-Dslf4j.internal.verbosity=ERROR", "-Xlog:disable"));
        return new JavaProgram(List.copyOf(options), directory.resolve("programs.aot"), String.join(File.pathSeparator, classPath));
    }

    /** This process' Java, with what libraries need of it as this process was given it. */
    public static List<String> java() {
        var java = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.matches("--.*|-D(chronicle|jnr|io\\.netty)\\..*")).forEach(java::add);
        return List.copyOf(java);
    }

    /** The class files of a module; two of its directories may hold the same resource. */
    private static void add(Path root, JarOutputStream out) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                out.putNextEntry(new ZipEntry(root.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
    }

    /** What starts a program. Without a cache Java goes on as it is. */
    public List<String> command(Class<?> program, String... arguments) {
        return command("-XX:AOTCache=" + cache, program, arguments);
    }

    /** Has a program run once to its end, which is to be a good one, with nothing to read: those that are started later know its classes. */
    public JavaProgram learn(Path errors, Class<?> program, String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command("-XX:AOTCacheOutput=" + cache, program, arguments))
                .redirectInput(Path.of("/dev/null").toFile()).redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.appendTo(errors.toFile())).start();
        try {
            if (!process.waitFor(LEARNING_SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("Expected %s to end well, but it %s: %s".formatted(program.getName(),
                        process.isAlive() ? "runs on" : "ended with " + process.exitValue(), Files.readString(errors)));
            }
            return this;
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> command(String aot, Class<?> program, String... arguments) {
        var command = new ArrayList<>(options);
        command.addAll(List.of(aot, "-cp", classPath, program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
