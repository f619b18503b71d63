package io.cairn.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What {@link Child} runs: no shell, no search, nothing inherited.
 *
 * @param argv the first is the path of the program, absolute
 * @param environment all of it
 * @param directory where it starts
 */
public record Program(List<String> argv, Map<String, String> environment, Path directory) {
    public Program {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
    }

    public String path() {
        return argv.getFirst();
    }
}
