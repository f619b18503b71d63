package io.cairn.network;

import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A template of a CNI configuration, as operators have them for other runtimes: that part of Go's text/template which is of use with
 * the three values there are.
 *
 * <pre>
 *   {{.PodCIDR}}                                 the first range
 *   {{range .PodCIDRRanges}} … {{.}} … {{end}}   all of them
 *   {{range $i, $r := .Routes}} … {{end}}        one route to everywhere for each family
 *   {{if …}} … {{else}} … {{end}}                of a value or a variable: neither empty nor 0
 *   {{- … -}}                                    white space before and after it is cut off
 * </pre>
 *
 * Comments of Go's kind are passed over.
 */
final class ConfTemplate {
    private static final Pattern ACTION = Pattern.compile("\\{\\{(- )?\\s*(.*?)\\s*( -)?\\}\\}", Pattern.DOTALL);
    private static final Pattern RANGE = Pattern.compile("range\\s+(?:(\\$\\w+)\\s*(?:,\\s*(\\$\\w+)\\s*)?:=\\s*)?(\\.\\w+)");
    private static final Pattern VALUE = Pattern.compile("\\$\\w+|\\.\\w*");
    private static final String ROUTE_V4 = "0.0.0.0/0";
    private static final String ROUTE_V6 = "::/0";
    private static final int DEPTH_MAX = 16;

    private final List<Node> nodes;

    private ConfTemplate(List<Node> nodes) {
        this.nodes = nodes;
    }

    private sealed interface Node {
        record Literal(String text) implements Node {}

        record Value(String name) implements Node {}

        record Each(String index, String item, String of, List<Node> body) implements Node {}

        record When(String name, List<Node> then, List<Node> otherwise) implements Node {}
    }

    /** What stands between two marks, or in one. */
    private record Token(boolean isAction, String text) {}

    /** @return the template, or what in it is not understood */
    static Either<String, ConfTemplate> parse(String text) {
        try {
            var parser = new Parser(tokens(text));
            List<Node> nodes = parser.nodes(0);
            return parser.rest.isEmpty() ? Either.right(new ConfTemplate(nodes))
                    : Either.left("the template has an {{%s}} that belongs to nothing".formatted(parser.rest.head().text()));
        } catch (Misread e) {
            return Either.left(e.getMessage());
        }
    }

    /** @param ranges of pods, not empty */
    Either<String, String> render(List<String> ranges) {
        Map<String, Object> values = HashMap.of(".PodCIDR", ranges.head(), ".PodCIDRRanges", ranges,
                ".Routes", ranges.map(range -> range.contains(":") ? ROUTE_V6 : ROUTE_V4).distinct());
        try {
            var out = new StringBuilder();
            write(nodes, values, out);
            return Either.right(out.toString());
        } catch (Misread e) {
            return Either.left(e.getMessage());
        }
    }

    private static void write(List<Node> nodes, Map<String, Object> values, StringBuilder out) throws Misread {
        for (Node node : nodes) {
            switch (node) {
                case Node.Literal(String text) -> out.append(text);
                case Node.Value(String name) -> out.append(text(name, values));
                case Node.Each each -> {
                    int index = 0;
                    for (String item : list(each.of(), values)) {
                        write(each.body(), values.put(".", item).put(each.index(), index++).put(each.item(), item), out);
                    }
                }
                case Node.When when -> write(isTrue(value(when.name(), values)) ? when.then() : when.otherwise(), values, out);
            }
        }
    }

    private static Object value(String name, Map<String, Object> values) throws Misread {
        Option<Object> value = values.get(name);
        if (value.isEmpty()) {
            throw new Misread("expected one of .PodCIDR, .PodCIDRRanges and .Routes, or a variable of a range, but the template asks for "
                    + Text.quote(name));
        }
        return value.get();
    }

    private static Object text(String name, Map<String, Object> values) throws Misread {
        Object value = value(name, values);
        if (value instanceof List<?>) {
            throw new Misread("%s is a list, and can only be gone through by {{range %s}}".formatted(name, name));
        }
        return value;
    }

    private static List<String> list(String name, Map<String, Object> values) throws Misread {
        if (value(name, values) instanceof List<?> list) {
            return list.map(String::valueOf);
        }
        throw new Misread(name + " is no list that could be gone through");
    }

    private static boolean isTrue(Object value) {
        return switch (value) {
            case List<?> list -> list.nonEmpty();
            case Integer number -> number != 0;
            default -> !value.toString().isEmpty();
        };
    }

    private static List<Token> tokens(String text) {
        var tokens = List.<Token>empty();
        Matcher action = ACTION.matcher(text);
        int at = 0;
        boolean cut = false;
        while (action.find()) {
            String before = text.substring(at, action.start());
            before = cut ? before.stripLeading() : before;
            tokens = tokens.append(new Token(false, action.group(1) == null ? before : before.stripTrailing()))
                    .append(new Token(true, action.group(2)));
            cut = action.group(3) != null;
            at = action.end();
        }
        String last = text.substring(at);
        return tokens.append(new Token(false, cut ? last.stripLeading() : last));
    }

    /** What is wrong with a template, for its author. */
    private static final class Misread extends Exception {
        private static final long serialVersionUID = 1L;

        Misread(String message) {
            super(message);
        }
    }

    /** Takes tokens from the front of what is left. */
    private static final class Parser {
        private List<Token> rest;

        Parser(List<Token> tokens) {
            this.rest = tokens;
        }

        /** Up to the {@code end} or {@code else} that belongs to whoever asks, which is left there. */
        List<Node> nodes(int depth) throws Misread {
            if (depth > DEPTH_MAX) {
                throw new Misread("expected at most %d actions inside each other".formatted(DEPTH_MAX));
            }
            var nodes = List.<Node>empty();
            while (!rest.isEmpty() && !isAction("end") && !isAction("else")) {
                Token token = take();
                nodes = token.isAction() ? nodes.appendAll(action(token.text(), depth)) : nodes.append(new Node.Literal(token.text()));
            }
            return nodes;
        }

        private Option<Node> action(String text, int depth) throws Misread {
            if (text.startsWith("/*") && text.endsWith("*/")) {
                return Option.none();
            }
            Matcher range = RANGE.matcher(text);
            if (range.matches()) {
                List<Node> body = nodes(depth + 1);
                end(text);
                // With one variable, that is the item.
                boolean both = range.group(2) != null;
                return Option.some(new Node.Each(both ? range.group(1) : "", variable(both ? range.group(2) : range.group(1)), range.group(3), body));
            }
            if (text.startsWith("if ") && VALUE.matcher(text.substring(3).strip()).matches()) {
                List<Node> then = nodes(depth + 1);
                List<Node> otherwise = List.empty();
                if (isAction("else")) {
                    take();
                    otherwise = nodes(depth + 1);
                }
                end(text);
                return Option.some(new Node.When(text.substring(3).strip(), then, otherwise));
            }
            if (VALUE.matcher(text).matches()) {
                return Option.some(new Node.Value(text));
            }
            throw new Misread("expected a value, range, if, else or end in {{ }}, but the template has " + Text.quote(text));
        }

        private static String variable(String name) {
            return name == null ? "" : name;
        }

        private void end(String begun) throws Misread {
            if (!isAction("end")) {
                throw new Misread("{{%s}} has no {{end}}".formatted(begun));
            }
            take();
        }

        private boolean isAction(String text) {
            return !rest.isEmpty() && rest.head().isAction() && rest.head().text().equals(text);
        }

        private Token take() {
            Token token = rest.head();
            rest = rest.tail();
            return token;
        }
    }
}
