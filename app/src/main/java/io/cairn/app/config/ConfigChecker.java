package io.cairn.app.config;

import io.vavr.collection.Array;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.LinkedHashSet;
import io.vavr.collection.Map;
import io.vavr.collection.Seq;
import io.vavr.collection.Set;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Holds one TOML document against {@link ConfigTable} and finds everything that is wrong with it, not only the first thing. */
final class ConfigChecker {
    /** Bounds what a hostile file with a thousand wrong keys prints. */
    private static final int PROBLEMS_MAX = 20;

    private final Path file;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private Map<Seq<String>, Settings.Entry> entries = LinkedHashMap.empty();
    private Set<String> handlers = LinkedHashSet.empty();

    private ConfigChecker(Path file) {
        this.file = file;
    }

    static Either<Seq<ConfigProblem>, Settings> check(Path file, TomlTable document) {
        var checker = new ConfigChecker(file);
        checker.table(Array.empty(), document);
        return checker.problems.isEmpty() ? Either.right(new Settings(checker.entries, checker.handlers)) : Either.left(checker.reported());
    }

    private Seq<ConfigProblem> reported() {
        Array<ConfigProblem> all = Array.ofAll(problems);
        int more = all.size() - PROBLEMS_MAX;
        return more <= 0 ? all
                : all.take(PROBLEMS_MAX).append(ConfigProblem.ofFile(file, more + " more problems, not listed"));
    }

    private void table(Seq<String> prefix, TomlTable table) {
        for (String name : table.keySet()) {
            Seq<String> path = prefix.append(name);
            Object value = table.get(List.of(name));
            TomlPosition position = table.inputPositionOf(List.of(name));
            Option<Key<?>> key = ConfigTable.KEYS.find(k -> matches(k.path(Key.ANY), path));
            if (key.isDefined()) {
                leaf(key.get(), path, value, valuePosition(table, name, position));
            } else if (leadsToKeys(path)) {
                section(path, value, position);
            } else {
                problem(position, unknown(prefix, name));
            }
        }
    }

    private void section(Seq<String> path, Object value, TomlPosition position) {
        if (!(value instanceof TomlTable inner)) {
            problem(position, Misfit.expected("a table [" + dotted(path) + "]", value).message());
        } else if (path.size() == 2 && path.head().equals(ConfigTable.HANDLERS)) {
            ConfigTable.HANDLER_NAME.read(path.last()).peek(name -> handlers = handlers.add(name))
                    .peekLeft(misfit -> problem(position, dotted(path) + ": " + misfit.message()));
            table(path, inner);
        } else {
            table(path, inner);
        }
    }

    private void leaf(Key<?> key, Seq<String> path, Object value, TomlPosition position) {
        Either<Misfit, ?> read = key.kind().read(value);
        if (read.isRight()) {
            entries = entries.put(path, new Settings.Entry(read.get(), new Origin.Written(file, position.line())));
            return;
        }
        Misfit misfit = read.getLeft();
        TomlPosition at = misfit.index().isDefined() && value instanceof TomlArray array
                ? array.inputPositionOf(misfit.index().get()) : position;
        problem(at, dotted(path) + ": " + misfit.message());
    }

    private static TomlPosition valuePosition(TomlTable table, String name, TomlPosition keyPosition) {
        return Option.of(table.entry(List.of(name)))
                .flatMap(e -> Option.of(e.value())).flatMap(v -> Option.of(v.position())).getOrElse(keyPosition);
    }

    private static boolean matches(Seq<String> template, Seq<String> path) {
        return template.size() == path.size() && template.zip(path).forAll(p -> p._1.equals(Key.ANY) || p._1.equals(p._2));
    }

    private static boolean leadsToKeys(Seq<String> path) {
        return ConfigTable.KEYS.exists(k -> k.path(Key.ANY).size() > path.size() && matches(k.path(Key.ANY).take(path.size()), path));
    }

    private static String unknown(Seq<String> prefix, String name) {
        String where = prefix.isEmpty() ? "" : " in [" + dotted(prefix) + "]";
        Seq<String> siblings = namesBelow(prefix);
        Option<String> near = Nearest.to(name, siblings).map(n -> "did you mean \"" + n + "\"?");
        Option<String> elsewhere = ConfigTable.KEYS.find(k -> k.name().equals(name)).map(ConfigChecker::place);
        return "unknown key \"" + name + "\"" + where + "; "
                + near.orElse(elsewhere).getOrElse(() -> "expected one of " + siblings.mkString(", "));
    }

    private static String place(Key<?> key) {
        return "\"" + key.name() + "\" belongs " + (key.section().isEmpty() ? "at the top of the file" : "in [" + key.section() + "]");
    }

    private static Seq<String> namesBelow(Seq<String> prefix) {
        return ConfigTable.KEYS.map(k -> k.path(Key.ANY))
                .filter(p -> p.size() > prefix.size() && matches(p.take(prefix.size()), prefix))
                .map(p -> p.get(prefix.size())).distinct();
    }

    private static String dotted(Seq<String> path) {
        return Toml.joinKeyPath(path.toJavaList());
    }

    private void problem(TomlPosition position, String message) {
        problems.add(new ConfigProblem(file, position.line(), position.column(), message));
    }
}
