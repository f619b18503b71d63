package io.cairn.app;

import io.cairn.app.config.CairnConfig;
import io.cairn.core.daemon.DriverLoader;
import io.cairn.core.daemon.StartException;
import io.cairn.core.driver.Finding;
import io.cairn.linux.Processes;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import java.io.IOException;

/** {@code cairn doctor}: whether this host and this user have what the configured drivers need. Makes nothing; the daemon may run or not. */
final class DoctorCommand implements Command {
    @Override
    public String words() {
        return "doctor";
    }

    @Override
    public String description() {
        return "Look whether this host has what the configured drivers need.";
    }

    @Override
    public Vector<String> exitCodes() {
        return Vector.of("0  all is there", Cairn.PROBLEM + "  something is missing, or could not be looked at");
    }

    @Override
    public int run(Invocation invocation) throws CommandFailure {
        CairnConfig config = invocation.load().config();
        try {
            Finding user = user(Processes.effectiveUser());
            tell(invocation, "host", user);
            Map<String, Vector<Finding>> findings = DriverLoader.examine(DaemonConfig.daemon(config));
            findings.forEach((driver, found) -> found.forEach(finding -> tell(invocation, driver, finding)));
            return !user.good() || findings.values().exists(found -> found.exists(finding -> !finding.good())) ? Cairn.PROBLEM : 0;
        } catch (StartException | IOException e) {
            throw new CommandFailure(e.getMessage());
        }
    }

    static Finding user(int user) {
        return user == 0 ? Finding.good("user", "root")
                : Finding.bad("user", "%d: only root may make the namespaces, mounts and cgroups of pods; run cairn as root".formatted(user));
    }

    private static void tell(Invocation invocation, String about, Finding finding) {
        invocation.out().printf("%-4s %s: %s: %s%n", finding.good() ? "ok" : "BAD", about, finding.subject(), LogCommand.printable(finding.detail()));
    }
}
