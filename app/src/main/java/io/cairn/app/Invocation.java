package io.cairn.app;

import io.cairn.app.config.ConfigLoader;
import io.cairn.app.config.LoadedConfig;
import io.vavr.control.Option;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.apache.commons.cli.CommandLine;

/** A command as it was called: what it was given, and where to write. */
record Invocation(CommandLine given, PrintWriter out, PrintWriter err) {
    boolean has(org.apache.commons.cli.Option option) {
        return given.hasOption(option);
    }

    Option<String> value(org.apache.commons.cli.Option option) {
        return Option.of(given.getOptionValue(option));
    }

    /** For every command that needs the configuration. */
    LoadedConfig load() throws CommandFailure {
        return ConfigLoader.load(value(Cairn.CONFIG).map(Path::of))
                .getOrElseThrow(problems -> new CommandFailure(problems.map(Object::toString)));
    }
}
