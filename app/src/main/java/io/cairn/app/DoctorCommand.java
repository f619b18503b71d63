package io.cairn.app;

import io.cairn.app.config.CairnConfig;
import io.cairn.core.daemon.DriverLoader;
import io.cairn.core.daemon.StartException;
import io.cairn.core.driver.Finding;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code cairn doctor}: whether this host has what the configured drivers need. Makes nothing; the daemon may run or not. */
@Command(name = "doctor", description = "Look whether this host has what the configured drivers need.",
        exitCodeListHeading = "%nExit codes:%n", exitCodeList = {"0:all is there", "1:something is missing, or could not be looked at"})
final class DoctorCommand implements Callable<Integer> {
    @ParentCommand
    private Cairn cairn;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws CommandFailure {
        CairnConfig config = cairn.load().config();
        try {
            Map<String, Vector<Finding>> findings = DriverLoader.examine(DaemonConfig.daemon(config));
            PrintWriter out = spec.commandLine().getOut();
            findings.forEach((driver, found) -> found.forEach(finding -> out.printf("%-4s %s: %s: %s%n", finding.good() ? "ok" : "BAD", driver,
                    finding.subject(), LogCommand.printable(finding.detail()))));
            out.flush();
            return findings.values().exists(found -> found.exists(finding -> !finding.good())) ? Cairn.PROBLEM : 0;
        } catch (StartException | IOException e) {
            throw new CommandFailure(e.getMessage());
        }
    }
}
