package io.cairn.app.config;

import io.vavr.collection.Array;
import io.vavr.collection.Seq;
import io.vavr.control.Either;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.tomlj.Toml;
import org.tomlj.TomlParseOptions;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;
import org.tomlj.TomlVersion;

/** From a file to a TOML document: bounded in size and depth, strict in its encoding. */
final class TomlReader {
    static final int FILE_BYTES_MAX = 1 << 20;
    private static final int DEPTH_MAX = 16;

    private TomlReader() {}

    static Either<Seq<ConfigProblem>, TomlTable> read(Path file) {
        return bytes(file).flatMap(b -> text(file, b)).<Seq<ConfigProblem>>mapLeft(Array::of).flatMap(t -> parse(file, t));
    }

    static Either<Seq<ConfigProblem>, TomlTable> parse(Path file, String text) {
        TomlParseResult document =
                Toml.parse(text, TomlParseOptions.defaults().withVersion(TomlVersion.V1_0_0).withMaxNestingDepth(DEPTH_MAX));
        return document.hasErrors()
                ? Either.left(Array.ofAll(document.errors())
                        .map(e -> new ConfigProblem(file, e.position().line(), e.position().column(), e.getMessage())))
                : Either.right(document);
    }

    /** Only regular files: a FIFO would block the start, a device never ends. */
    private static Either<ConfigProblem, byte[]> bytes(Path file) {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            return Either.left(ConfigProblem.ofFile(file, "expected a regular file"));
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1);
            return bytes.length > FILE_BYTES_MAX
                    ? Either.left(ConfigProblem.ofFile(file, "expected at most " + FILE_BYTES_MAX + " bytes, but the file is larger"))
                    : Either.right(bytes);
        } catch (NoSuchFileException e) {
            return Either.left(ConfigProblem.ofFile(file, "no such file"));
        } catch (IOException e) {
            return Either.left(ConfigProblem.ofFile(file, "cannot be read: " + e.getClass().getSimpleName() + " " + e.getMessage()));
        }
    }

    private static Either<ConfigProblem, String> text(Path file, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        String before = out.flip().toString();
        if (!result.isError()) {
            return Either.right(before);
        }
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        int column = before.length() - before.lastIndexOf('\n');
        return Either.left(new ConfigProblem(file, line, column,
                "expected UTF-8, but found the byte 0x%02X".formatted(bytes[in.position()])));
    }
}
