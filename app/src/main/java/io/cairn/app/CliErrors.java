package io.cairn.app;

import io.cairn.app.config.OneLine;
import io.vavr.collection.Array;
import io.vavr.collection.Seq;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** A problem is one line on stderr, never a stack trace unless that was asked for. */
final class CliErrors implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private final boolean debug;

    CliErrors(boolean debug) {
        this.debug = debug;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("cairn: " + OneLine.of(e.getMessage()) + " (see: " + command.getCommandSpec().qualifiedName() + " --help)");
        trace(e, err);
        return Cairn.USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        Seq<String> lines = switch (e) {
            case CommandFailure failure -> failure.lines();
            default -> Array.of(e.getMessage() == null ? e.getClass().getName() : e.getClass().getSimpleName() + ": " + e.getMessage());
        };
        lines.forEach(line -> err.println("cairn: " + OneLine.of(line)));
        trace(e, err);
        return Cairn.PROBLEM;
    }

    private void trace(Exception e, PrintWriter err) {
        if (debug) {
            e.printStackTrace(err);
        }
        err.flush();
    }
}
