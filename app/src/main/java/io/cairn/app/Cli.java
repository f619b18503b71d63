package io.cairn.app;

import io.cairn.app.config.OneLine;
import io.vavr.collection.Array;
import io.vavr.collection.Seq;
import io.vavr.collection.Vector;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.UnrecognizedOptionException;

/**
 * Finds the command that is meant and runs it. Options that every command may be given may stand before and between its words, too. A problem is
 * one line on stderr, never a stack trace unless that was asked for.
 *
 * @param debug print the stack trace of a failure too
 */
record Cli(Vector<Command> commands, boolean debug, PrintWriter out, PrintWriter err) {
    static final String PROGRAM = "cairn";
    private static final Option HELP = Option.builder("h").longOpt("help").desc("Show this help and exit.").get();
    private static final Option VERSION = Option.builder("V").longOpt("version").desc("Print the version and exit.").get();
    static final Vector<Option> COMMON = Vector.of(Cairn.CONFIG, HELP, VERSION);

    /** @return the exit code */
    int run(String... args) {
        var left = new ArrayList<>(List.of(args));
        String name = PROGRAM;
        try {
            Vector<Command> meant = commands;
            for (var word = takeWord(left); word.isDefined(); word = takeWord(left)) {
                String longer = name + " " + word.get();
                meant = meant.filter(command -> isCalledBy(command, longer));
                if (meant.isEmpty()) {
                    throw new ParseException("Unmatched argument: '%s'".formatted(word.get()));
                }
                name = longer;
                if (meant.exists(command -> nameOf(command).equals(longer))) {
                    break;
                }
            }
            return run(name, meant, left);
        } catch (ParseException e) {
            return fail(e, Array.of(told(e) + " (see: " + name + " --help)"), Cairn.USAGE);
        } catch (CommandFailure e) {
            return fail(e, e.lines(), Cairn.PROBLEM);
        } catch (Exception e) {
            return fail(e, Array.of(e.getMessage() == null ? e.getClass().getName() : e.getClass().getSimpleName() + ": " + e.getMessage()), Cairn.PROBLEM);
        } finally {
            out.flush();
            err.flush();
        }
    }

    private static boolean isCalledBy(Command command, String words) {
        return (nameOf(command) + " ").startsWith(words + " ");
    }

    private static String nameOf(Command command) {
        return PROGRAM + " " + command.words();
    }

    /** The first of what is left that is no option that every command may be given, nor the value of one. */
    private static io.vavr.control.Option<String> takeWord(List<String> left) throws ParseException {
        List<String> from = parse(COMMON, left, true).getArgList();
        if (from.isEmpty()) {
            return io.vavr.control.Option.none();
        }
        String word = left.remove(left.size() - from.size());
        if (word.startsWith("-")) {
            throw new UnrecognizedOptionException("", word);
        }
        return io.vavr.control.Option.some(word);
    }

    private int run(String name, Vector<Command> meant, List<String> left) throws Exception {
        var command = meant.find(one -> nameOf(one).equals(name));
        Vector<Option> options = COMMON.appendAll(command.map(Command::options).getOrElse(Vector.empty()));
        CommandLine given = parse(options, left, false);
        if (given.hasOption(HELP)) {
            command.map(one -> Help.of(name, one)).getOrElse(() -> Help.of(name, meant)).print(out);
            return 0;
        }
        if (given.hasOption(VERSION)) {
            Version.print(out);
            return 0;
        }
        if (command.isEmpty()) {
            throw new ParseException("Missing required subcommand");
        }
        requireOnce(options, given);
        if (!given.getArgList().isEmpty()) {
            throw new ParseException("Unmatched argument: '%s'".formatted(given.getArgList().getFirst()));
        }
        return command.get().run(new Invocation(given, out, err));
    }

    private static CommandLine parse(Vector<Option> options, List<String> args, boolean toTheFirstWord) throws ParseException {
        var known = new Options();
        options.forEach(known::addOption);
        return DefaultParser.builder().setAllowPartialMatching(false).setStripLeadingAndTrailingQuotes(false).get()
                .parse(known, args.toArray(String[]::new), toTheFirstWord);
    }

    private static void requireOnce(Vector<Option> options, CommandLine given) throws ParseException {
        for (Option option : options) {
            String[] values = given.getOptionValues(option);
            if (values != null && values.length > 1) {
                throw new ParseException("Option '%s' should be specified only once".formatted(shown(option)));
            }
        }
    }

    private static String shown(Option option) {
        return option.getLongOpt() == null ? "-" + option.getOpt() : "--" + option.getLongOpt();
    }

    private static String told(ParseException e) {
        return switch (e) {
            case UnrecognizedOptionException unknown -> "Unknown option: '%s'".formatted(unknown.getOption());
            case MissingArgumentException missing -> "Missing value of option '%s'".formatted(shown(missing.getOption()));
            default -> e.getMessage();
        };
    }

    private int fail(Exception e, Seq<String> lines, int code) {
        lines.forEach(line -> err.println(PROGRAM + ": " + OneLine.of(line)));
        if (debug) {
            e.printStackTrace(err);
        }
        return code;
    }
}
