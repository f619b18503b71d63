package io.cairn.app;

import io.cairn.app.config.ConfigLoader;
import io.cairn.app.config.LoadedConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "config", description = "Print or check the configuration.", synopsisSubcommandLabel = "COMMAND")
final class ConfigCommand {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private Cairn cairn;

    @Command(name = "default", description = "Print every key with its meaning, range and default, as a configuration file.")
    void defaults() {
        print(LoadedConfig.defaults());
    }

    @Command(name = "show", description = "Print every value in force and which file and line it comes from.")
    void show() throws CommandFailure {
        print(cairn.load().shown());
    }

    @Command(name = "check", description = "Check the configuration and name every problem with its file, line and column.")
    void check() throws CommandFailure {
        LoadedConfig loaded = cairn.load();
        String read = loaded.files().isEmpty()
                ? "no " + ConfigLoader.DEFAULT_FILE + ", only defaults" : loaded.files().map(Path::toString).mkString(", ");
        print("ok: " + read + "\n");
    }

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(text);
        out.flush();
    }
}
