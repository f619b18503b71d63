package io.cairn.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Scripts to run, and stand-ins for the programs they call. */
final class Programs {
    private Programs() {}

    /** What a program did; its own pid in {@code out} reads {@code pid=own}. */
    record Ran(int code, String out, String err) {}

    static Path write(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, script);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A Java home whose java prints the home, its pid and its arguments, one a line. */
    static Path javaHome(Path home, String version) throws IOException {
        write(home.resolve("bin/java"), "#!/bin/sh\nprintf '%s\\n' " + home + " \"pid=$$\" \"arenas=$MALLOC_ARENA_MAX\" \"musl=$ROCKSDB_MUSL_LIBC\" \"$@\"\n");
        Files.writeString(home.resolve("release"),
                "IMPLEMENTOR=\"x\"\nJAVA_RUNTIME_VERSION=\"" + version + "+1\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    static Ran run(Path dir, Path program, Map<String, String> environment, String... args) throws IOException, InterruptedException {
        Path out = dir.resolve("out");
        Path err = dir.resolve("err");
        var command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(args));
        var builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().keySet().removeAll(List.of("JAVA_HOME", "CAIRN_JAVA_OPTS", "MALLOC_ARENA_MAX", "ROCKSDB_MUSL_LIBC"));
        builder.environment().put("PATH", "/usr/bin:/bin");
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ended", program).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(out).replace("pid=" + process.pid() + "\n", "pid=own\n");
        return new Ran(process.exitValue(), said, Files.readString(err));
    }
}
