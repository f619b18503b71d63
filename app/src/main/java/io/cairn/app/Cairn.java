package io.cairn.app;

import io.cairn.app.config.ConfigLoader;
import io.cairn.app.config.LoadedConfig;
import io.vavr.control.Option;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The command {@code cairn}; each of its verbs is a class or a method of its own. */
@Command(name = "cairn", description = "An event-sourced Kubernetes container runtime.", versionProvider = Version.class,
        mixinStandardHelpOptions = true, scope = ScopeType.INHERIT, usageHelpAutoWidth = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ServeCommand.class, LogCommand.class, ReplayCommand.class, VerifyCommand.class, ConfigCommand.class, DoctorCommand.class,
                VersionCommand.class},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:a problem, told on stderr", "2:the command line was not understood"})
public final class Cairn {
    static final int PROBLEM = 1;
    static final int USAGE = 2;

    @CommandLine.Option(names = "--config", paramLabel = "FILE", scope = ScopeType.INHERIT,
            description = "The configuration; config.d/*.toml beside it is read after it (default: /etc/cairn/config.toml).")
    private Path configFile;

    public static void main(String[] args) {
        System.exit(commandLine(System.getenv("CAIRN_DEBUG") != null).execute(args));
    }

    /** @param debug print the stack trace of a failure too */
    static CommandLine commandLine(boolean debug) {
        var errors = new CliErrors(debug);
        return new CommandLine(new Cairn()).setParameterExceptionHandler(errors).setExecutionExceptionHandler(errors)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** For every command that needs the configuration. */
    LoadedConfig load() throws CommandFailure {
        return ConfigLoader.load(Option.of(configFile)).getOrElseThrow(problems -> new CommandFailure(problems.map(Object::toString)));
    }
}
