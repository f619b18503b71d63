package io.cairn.crash;

import io.cairn.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A program in the place of one that Cairn calls: it counts its calls, and hands them on, all but the one that is to go wrong. A
 * script, so that what is killed is what a real program would be.
 */
final class FaultyTool {
    /** How a call goes wrong. */
    enum Fault {
        /** Nothing is done. */
        FAILS,
        /** Nothing is done, and it does not end. */
        HANGS,
        /** Everything is done; then it is killed before it can say so. */
        DIES
    }

    /** It hangs by opening a pipe that nobody writes to: still the process that was called, as a program that hangs is. */
    private static final String SCRIPT = """
            #!/bin/sh
            at=%1$s
            number=$(flock $at/count sh -c 'n=$(cat $0); echo $((n + 1)) > $0; echo $((n + 1))' $at/count </dev/null)
            [ "$number" = "$(cat $at/call)" ] || exec %2$s "$@"
            case $(cat $at/fault) in
            FAILS) echo "%3$s was told to fail" >&2; exit 1 ;;
            HANGS) read -r nothing < $at/never ;;
            DIES) %2$s "$@"; kill -9 $$ ;;
            esac
            """;

    private final Path directory;
    private final Path program;

    private FaultyTool(Path directory, Path program) {
        this.directory = directory;
        this.program = program;
    }

    /** @param name by which it is found in {@link #directory} */
    static FaultyTool instead(Path real, Path directory, String name) throws Exception {
        Files.createDirectories(directory);
        Path program = Files.writeString(directory.resolve(name), SCRIPT.formatted(directory, real, name));
        Tool.run("mkfifo", directory.resolve("never").toString()).orThrow();
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        var tool = new FaultyTool(directory, program);
        tool.behave();
        return tool;
    }

    /** A program of this machine. */
    static Path real(String name) throws Exception {
        return Path.of(Tool.run("sh", "-c", "command -v " + name).orThrow().strip());
    }

    Path program() {
        return program;
    }

    Path directory() {
        return directory;
    }

    /** Counts from the beginning; the call of this number goes wrong. */
    void goWrong(int call, Fault fault) throws IOException {
        Files.writeString(directory.resolve("fault"), fault.name());
        Files.writeString(directory.resolve("call"), Integer.toString(call));
        Files.writeString(directory.resolve("count"), "0\n");
    }

    void behave() throws IOException {
        goWrong(0, Fault.FAILS);
    }

    /** How often it was called since. */
    int calls() throws IOException {
        return Integer.parseInt(Files.readString(directory.resolve("count")).strip());
    }
}
