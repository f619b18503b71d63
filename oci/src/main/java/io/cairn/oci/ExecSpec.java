package io.cairn.oci;

import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;

/**
 * A further process in a running container: what {@code runc exec --process} and containerd's task service take. It is the
 * container's own process with another command: same user, environment, capabilities, limits and labels.
 */
public record ExecSpec(OciSpec.Process process) {
    private static final String TERM = "TERM=";

    /** @param container the spec the container was made with, as stored */
    public static Either<SpecProblem, ExecSpec> of(OciSpec container, List<String> command, boolean tty) {
        return Refused.catching(() -> build(container, command, tty));
    }

    private static ExecSpec build(OciSpec container, List<String> command, boolean tty) throws Refused {
        if (command.isEmpty() || command.head().isEmpty()) {
            throw Refused.request("Expected a command to execute, but there is none");
        }
        for (String arg : command) {
            ProcessText.noNul("an argument of the command", arg);
        }
        OciSpec.Process own = container.process()
                .getOrElseThrow(() -> Refused.request("Expected the stored spec of the container to have a process, but it has none"));
        boolean needsTerm = tty && !own.env().exists(e -> e.startsWith(TERM));
        return new ExecSpec(new OciSpec.Process(
                tty,
                Option.none(),
                own.user(),
                command,
                needsTerm ? own.env().append(TERM + ProcessText.DEFAULT_TERM) : own.env(),
                own.cwd(),
                own.capabilities(),
                own.rlimits(),
                own.noNewPrivileges(),
                own.apparmorProfile(),
                own.oomScoreAdj(),
                own.selinuxLabel()));
    }

    /** The bytes of process.json. */
    public byte[] toJson() {
        return Json.bytes(SpecWriter.process(process));
    }
}
