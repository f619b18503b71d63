package io.cairn.app.config;

import io.vavr.collection.Array;
import io.vavr.collection.Seq;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tomlj.Toml;
import org.tomlj.TomlArray;

/** The kinds of value the configuration knows. */
final class Kinds {
    /** PATH_MAX of linux/limits.h, its final NUL included. */
    static final int PATH_BYTES_MAX = 4095;
    private static final int LIST_MAX = 256;

    private Kinds() {}

    private static String quoted(String text) {
        return "\"" + Toml.tomlEscape(text) + "\"";
    }

    /** @param bytesMax longest path in bytes, for those the kernel bounds tighter than PATH_MAX */
    record AbsolutePath(int bytesMax) implements Kind<Path> {
        @Override
        public Either<Misfit, Path> read(Object toml) {
            Option<Path> path = toml instanceof String text && text.getBytes(StandardCharsets.UTF_8).length <= bytesMax
                    ? parse(text) : Option.none();
            return path.filter(p -> p.isAbsolute() && p.normalize().equals(p)).toEither(() -> Misfit.expected(says(), toml));
        }

        /** NUL, and under a locale that is not UTF-8 every other letter than ASCII's, is refused by the JDK. */
        private static Option<Path> parse(String text) {
            try {
                return Option.of(Path.of(text));
            } catch (InvalidPathException e) {
                return Option.none();
            }
        }

        @Override
        public String write(Path value) {
            return quoted(value.toString());
        }

        @Override
        public String says() {
            return "an absolute path without \".\" and \"..\"" + (bytesMax < PATH_BYTES_MAX ? " of at most " + bytesMax + " bytes" : "");
        }
    }

    /** A path, or a word that stands for none. */
    record PathOr(String word) implements Kind<Option<Path>> {
        @Override
        public Either<Misfit, Option<Path>> read(Object toml) {
            if (word.equals(toml)) {
                return Either.right(Option.none());
            }
            return new AbsolutePath(PATH_BYTES_MAX).read(toml).bimap(_ -> Misfit.expected(says(), toml), Option::of);
        }

        @Override
        public String write(Option<Path> value) {
            return quoted(value.map(Path::toString).getOrElse(word));
        }

        @Override
        public String says() {
            return quoted(word) + " or " + new AbsolutePath(PATH_BYTES_MAX).says();
        }
    }

    /** The name of something, a path to it, or a word that stands for none. */
    record PathOrName(String word) implements Kind<Option<String>> {
        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

        @Override
        public Either<Misfit, Option<String>> read(Object toml) {
            if (!word.equals(toml) && toml instanceof String text && NAME.matcher(text).matches()) {
                return Either.right(Option.of(text));
            }
            return new PathOr(word).read(toml).bimap(_ -> Misfit.expected(says(), toml), path -> path.map(Path::toString));
        }

        @Override
        public String write(Option<String> value) {
            return quoted(value.getOrElse(word));
        }

        @Override
        public String says() {
            return "a name, " + new PathOr(word).says();
        }
    }

    /** Where to listen, for what only this machine may ask; {@code "off"} is read as none. */
    record LoopbackOrOff() implements Kind<Option<InetSocketAddress>> {
        private static final String OFF = "off";
        private static final Pattern ADDRESS = Pattern.compile("(127(?:\\.[0-9]{1,3}){3}|\\[::1\\]):([0-9]{1,5})");
        private static final int PORT_MAX = 65_535;

        @Override
        public Either<Misfit, Option<InetSocketAddress>> read(Object toml) {
            if (OFF.equals(toml)) {
                return Either.right(Option.none());
            }
            return (toml instanceof String text ? parse(text) : Option.<InetSocketAddress>none()).map(Option::of)
                    .toEither(() -> Misfit.expected(says(), toml));
        }

        private static Option<InetSocketAddress> parse(String text) {
            Matcher match = ADDRESS.matcher(text);
            if (!match.matches()) {
                return Option.none();
            }
            int port = Integer.parseInt(match.group(2));
            try {
                var address = InetAddress.ofLiteral(match.group(1).replaceAll("[\\[\\]]", ""));
                return Option.when(port >= 1 && port <= PORT_MAX, () -> new InetSocketAddress(address, port));
            } catch (IllegalArgumentException e) {
                return Option.none();
            }
        }

        @Override
        public String write(Option<InetSocketAddress> value) {
            return quoted(value.map(address -> "%s:%d".formatted(address.getAddress() instanceof Inet6Address ? "[::1]"
                    : address.getAddress().getHostAddress(), address.getPort())).getOrElse(OFF));
        }

        @Override
        public String says() {
            return "\"off\" or a loopback address with a port, such as \"127.0.0.1:9474\" or \"[::1]:9474\"";
        }
    }

    record WholeNumber(int min, int max) implements Kind<Integer> {
        @Override
        public Either<Misfit, Integer> read(Object toml) {
            return toml instanceof Long number && number >= min && number <= max
                    ? Either.right(number.intValue()) : Either.left(Misfit.expected(says(), toml));
        }

        @Override
        public String write(Integer value) {
            return value.toString();
        }

        @Override
        public String says() {
            return "a whole number from " + min + " to " + max;
        }
    }

    record Size(long minBytes, long maxBytes) implements Kind<Long> {
        @Override
        public Either<Misfit, Long> read(Object toml) {
            Option<Long> bytes = switch (toml) {
                case Long number -> Option.of(number);
                case String text -> Units.parseSize(text);
                default -> Option.none();
            };
            return bytes.filter(b -> b >= minBytes && b <= maxBytes).toEither(() -> Misfit.expected(says(), toml));
        }

        @Override
        public String write(Long value) {
            return quoted(Units.formatSize(value));
        }

        @Override
        public String says() {
            return "a size from \"" + Units.formatSize(minBytes) + "\" to \"" + Units.formatSize(maxBytes)
                    + "\" (units: " + Units.SIZES + ")";
        }
    }

    record Time(Duration min, Duration max) implements Kind<Duration> {
        @Override
        public Either<Misfit, Duration> read(Object toml) {
            Option<Duration> time = toml instanceof String text ? Units.parseDuration(text) : Option.none();
            return time.filter(t -> t.compareTo(min) >= 0 && t.compareTo(max) <= 0).toEither(() -> Misfit.expected(says(), toml));
        }

        @Override
        public String write(Duration value) {
            return quoted(Units.formatDuration(value));
        }

        @Override
        public String says() {
            return "a duration from \"" + Units.formatDuration(min) + "\" to \"" + Units.formatDuration(max)
                    + "\" (units: " + Units.TIMES + ")";
        }
    }

    record OneOf<E extends Enum<E>>(Class<E> type) implements Kind<E> {
        @Override
        public Either<Misfit, E> read(Object toml) {
            return Array.of(type.getEnumConstants()).find(c -> name(c).equals(toml)).toEither(() -> misfit(toml));
        }

        private Misfit misfit(Object toml) {
            Seq<String> names = Array.of(type.getEnumConstants()).map(OneOf::name);
            return Misfit.expected(says(), toml).hint(toml instanceof String text ? Nearest.to(text, names) : Option.none());
        }

        private static String name(Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }

        @Override
        public String write(E value) {
            return quoted(name(value));
        }

        @Override
        public String says() {
            return "one of " + Array.of(type.getEnumConstants()).map(c -> quoted(name(c))).mkString(", ");
        }
    }

    /** A string of a given form; {@code form} completes "expected …". */
    record Text(Pattern pattern, String form) implements Kind<String> {
        @Override
        public Either<Misfit, String> read(Object toml) {
            return toml instanceof String text && pattern.matcher(text).matches()
                    ? Either.right(text) : Either.left(Misfit.expected(says(), toml));
        }

        @Override
        public String write(String value) {
            return quoted(value);
        }

        @Override
        public String says() {
            return form;
        }
    }

    /** A string of a given form, or a word that stands for none. */
    record TextOr(String word, Kind<String> text) implements Kind<Option<String>> {
        @Override
        public Either<Misfit, Option<String>> read(Object toml) {
            return word.equals(toml) ? Either.right(Option.none()) : text.read(toml).bimap(_ -> Misfit.expected(says(), toml), Option::of);
        }

        @Override
        public String write(Option<String> value) {
            return quoted(value.getOrElse(word));
        }

        @Override
        public String says() {
            return quoted(word) + " or " + text.says();
        }
    }

    record ListOf<T>(Kind<T> element) implements Kind<Seq<T>> {
        @Override
        public Either<Misfit, Seq<T>> read(Object toml) {
            if (!(toml instanceof TomlArray array) || array.size() > LIST_MAX) {
                return Either.left(Misfit.expected(says(), toml));
            }
            return Either.sequenceRight(Array.range(0, array.size()).map(i -> element.read(array.get(i)).mapLeft(m -> m.at(i))));
        }

        @Override
        public String write(Seq<T> value) {
            return value.map(element::write).mkString("[", ", ", "]");
        }

        @Override
        public String says() {
            return "an array of at most " + LIST_MAX + ", each " + element.says();
        }
    }
}
