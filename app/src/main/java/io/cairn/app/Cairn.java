package io.cairn.app;

import io.vavr.collection.Vector;
import java.io.PrintWriter;
import org.apache.commons.cli.Option;

/** The program {@code cairn}; each of its commands is a class of its own. */
public final class Cairn {
    static final int PROBLEM = 1;
    static final int USAGE = 2;
    static final Vector<String> EXIT_CODES =
            Vector.of("0  done", PROBLEM + "  a problem, told on stderr", USAGE + "  the command line was not understood");
    static final Option CONFIG = Option.builder().longOpt("config").hasArg().argName("FILE")
            .desc("The configuration; config.d/*.toml beside it is read after it (default: /etc/cairn/config.toml).").get();
    static final Vector<Command> COMMANDS = Vector.of(new ServeCommand(), new LogCommand(), new ReplayCommand(), new VerifyCommand(),
            ConfigCommand.DEFAULT, ConfigCommand.SHOW, ConfigCommand.CHECK, new DoctorCommand(), new VersionCommand());

    private Cairn() {}

    public static void main(String[] args) {
        System.exit(new Cli(COMMANDS, System.getenv("CAIRN_DEBUG") != null, new PrintWriter(System.out), new PrintWriter(System.err, true)).run(args));
    }
}
