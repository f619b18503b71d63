package io.cairn.network;

import io.cairn.network.NetworkList.Plugin;
import io.vavr.collection.List;
import io.vavr.collection.Seq;
import io.vavr.control.Either;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * The node's network configuration: of the files {@code *.conflist}, {@code *.conf} and {@code *.json} in a directory, in
 * lexical order, the first that is valid.
 *
 * <p>Read anew at every use. It is a handful of small files, and there is no moment at which a change could be missed. Files
 * with errors are passed over, with a reason: an installer may be writing its file just now.
 */
final class CniConfig {
    private static final int FILES_MAX = 1000;

    private CniConfig() {}

    /** @param notes why files before this one were passed over */
    record Loaded(NetworkList network, Path source, List<String> notes) {}

    /** @return the network, or why there is none; both in words for an operator */
    static Either<String, Loaded> load(Path confDir) {
        return files(confDir, List.of(".conflist", ".conf", ".json")).flatMap(files -> first(confDir, files));
    }

    private static Either<String, Loaded> first(Path confDir, List<Path> files) {
        var notes = List.<String>empty();
        for (Path file : files) {
            var read = read(file);
            if (read.isRight()) {
                return Either.right(new Loaded(read.get(), file, notes));
            }
            notes = notes.append("%s: %s".formatted(file.getFileName(), read.getLeft()));
        }
        return Either.left(notes.isEmpty()
                ? "no network configuration (*.conflist, *.conf, *.json) in " + confDir
                : "no valid network configuration in %s: %s".formatted(confDir, notes.mkString("; ")));
    }

    private static Either<String, List<Path>> files(Path dir, List<String> extensions) {
        try (var entries = Files.list(dir)) {
            var names = entries.limit(FILES_MAX + 1L).toList();
            if (names.size() > FILES_MAX) {
                return Either.left("expected at most %d files in %s, but there are more".formatted(FILES_MAX, dir));
            }
            return Either.right(List.ofAll(names)
                    .filter(f -> extensions.exists(e -> f.getFileName().toString().endsWith(e)))
                    .filter(f -> !Files.isDirectory(f))
                    .sortBy(f -> f.getFileName().toString()));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Either.left("no network configuration: there is no directory " + dir);
        } catch (IOException | java.io.UncheckedIOException e) {
            return Either.left("cannot list %s: %s".formatted(dir, Text.reason(e)));
        }
    }

    private static Either<String, NetworkList> read(Path file) {
        return bytes(file).flatMap(Json::parseObject).flatMap(root -> NetworkList.parse(root).flatMap(network ->
                NetworkList.flag(root, "loadOnlyInlinedPlugins").flatMap(inlinedOnly -> inlinedOnly || root.has("type")
                        ? Either.right(network)
                        : siblings(file, network)))
                .filterOrElse(network -> network.plugins().nonEmpty(),
                        network -> "expected \"plugins\" (a list) or \"type\" (a single plugin), but it has neither")
                .filterOrElse(network -> Json.bytes(network.toJson()).length <= Json.BYTES_MAX,
                        network -> "expected at most %d bytes with all its plugins".formatted(Json.BYTES_MAX)));
    }

    /** Spec 1.1: plugins may also be files in a directory beside, named after the network; they follow those of the list. */
    private static Either<String, NetworkList> siblings(Path file, NetworkList network) {
        Path dir = file.resolveSibling(network.name());
        if (!Files.isDirectory(dir)) {
            return Either.right(network);
        }
        return files(dir, List.of(".conf"))
                .flatMap(files -> Either.sequenceRight(files.map(f -> bytes(f)
                        .flatMap(Json::parseObject)
                        .flatMap(NetworkList::plugin)
                        .mapLeft(reason -> "%s: %s".formatted(f, reason)))))
                .map(Seq::toList)
                .filterOrElse(more -> more.size() + network.plugins().size() <= NetworkList.PLUGINS_MAX, more -> "too many plugins")
                .map((List<Plugin> more) -> network.withMore(more));
    }

    private static Either<String, byte[]> bytes(Path file) {
        if (!Files.isRegularFile(file)) {
            return Either.left("expected a regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(Json.BYTES_MAX + 1);
            return bytes.length > Json.BYTES_MAX
                    ? Either.left("expected at most %d bytes".formatted(Json.BYTES_MAX))
                    : Either.right(bytes);
        } catch (IOException e) {
            return Either.left("cannot read it: " + Text.reason(e));
        }
    }
}
