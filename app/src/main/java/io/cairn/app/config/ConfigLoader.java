package io.cairn.app.config;

import io.vavr.collection.Array;
import io.vavr.collection.Seq;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads the main file and then its drop-ins: {@code config.d/*.toml} beside it, in lexical order of their names; a later file
 * wins key by key. Neither has to exist, except a main file that was asked for by name.
 */
public final class ConfigLoader {
    public static final Path DEFAULT_FILE = Path.of("/etc/cairn/config.toml");

    private static final String DROP_IN_DIR = "config.d";
    private static final int DROP_INS_MAX = 256;

    private ConfigLoader() {}

    /** @param file the main file that was asked for; none: {@link #DEFAULT_FILE}, if it exists */
    public static Either<Seq<ConfigProblem>, LoadedConfig> load(Option<Path> file) {
        Path main = file.getOrElse(DEFAULT_FILE).toAbsolutePath();
        Seq<Path> mains = file.isDefined() || Files.exists(main) ? Array.of(main) : Array.empty();
        return dropIns(main.resolveSibling(DROP_IN_DIR)).<Seq<ConfigProblem>>mapLeft(Array::of).flatMap(d -> merge(mains.appendAll(d)));
    }

    private static Either<Seq<ConfigProblem>, LoadedConfig> merge(Seq<Path> files) {
        Seq<Either<Seq<ConfigProblem>, Settings>> each = files.map(f -> TomlReader.read(f).flatMap(t -> ConfigChecker.check(f, t)));
        Seq<ConfigProblem> problems = each.filter(Either::isLeft).flatMap(Either::getLeft);
        return problems.isEmpty()
                ? Either.right(new LoadedConfig(files, each.map(Either::get).foldLeft(Settings.none(), Settings::overriddenBy)))
                : Either.left(problems);
    }

    /** Names that begin with a dot are what editors leave while they save. */
    private static Either<ConfigProblem, Seq<Path>> dropIns(Path dir) {
        if (!Files.isDirectory(dir)) {
            return Either.right(Array.empty());
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(dir, "[!.]*.toml")) {
            Array<Path> files = Array.ofAll(found).sortBy(f -> f.getFileName().toString());
            return files.size() <= DROP_INS_MAX ? Either.right(files)
                    : Either.left(ConfigProblem.ofFile(dir, "expected at most " + DROP_INS_MAX + " files, but found " + files.size()));
        } catch (IOException e) {
            return Either.left(ConfigProblem.ofFile(dir, "cannot be read: " + e.getClass().getSimpleName() + " " + e.getMessage()));
        }
    }
}
