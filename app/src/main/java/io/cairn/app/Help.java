package io.cairn.app;

import io.vavr.collection.Vector;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.help.HelpFormatter;
import org.apache.commons.cli.help.OptionFormatter;
import org.apache.commons.cli.help.TextHelpAppendable;

/**
 * What {@code --help} prints.
 *
 * @param lists each with its title
 */
record Help(String syntax, String description, Vector<Option> options, Vector<Part> lists) {
    private static final int COLUMNS = 120;

    private record Part(String title, Vector<String> lines) {}

    static Help of(String name, Command command) {
        return new Help(name, command.description(), Cli.COMMON.appendAll(command.options()), Vector.of(new Part("Exit codes:", command.exitCodes())));
    }

    /** Of a name that several commands begin with, as all do with the program's. */
    static Help of(String name, Vector<Command> commands) {
        int width = commands.map(command -> command.words().length()).max().get();
        return new Help(name + " COMMAND", name.equals(Cli.PROGRAM) ? "An event-sourced Kubernetes container runtime." : "", Cli.COMMON, Vector.of(
                new Part("Commands:", commands.map(command -> ("%-" + width + "s  %s").formatted(command.words(), command.description()))),
                new Part("Exit codes:", Cairn.EXIT_CODES)));
    }

    void print(PrintWriter out) {
        var text = new TextHelpAppendable(out);
        text.setMaxWidth(COLUMNS);
        text.setLeftPad(0);
        var formatter = HelpFormatter.builder().setShowSince(false).setHelpAppendable(text)
                .setOptionFormatBuilder(OptionFormatter.builder().setOptArgSeparator("=").setArgumentNameDelimiters("", "")).get();
        formatter.setSyntaxPrefix("Usage:");
        var all = new Options();
        options.forEach(all::addOption);
        try {
            formatter.printHelp(syntax, description, all, "", true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Part list : lists) {
            out.println(list.title());
            list.lines().forEach(line -> out.println("  " + line));
            out.println();
        }
    }
}
