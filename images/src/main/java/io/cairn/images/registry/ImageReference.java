package io.cairn.images.registry;

import io.vavr.control.Either;
import io.vavr.control.Option;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The name of an image, normalised as Docker does: {@code busybox} is {@code docker.io/library/busybox:latest}.
 * The grammar is that of the reference package of Docker distribution.
 *
 * @param registry host, with port if one was given, as the user wrote it ({@code docker.io} for Docker Hub)
 * @param repository lower-case path without leading slash
 * @param tag absent only when there is a digest
 * @param digest decides what is pulled where both are given
 */
public record ImageReference(String registry, String repository, Option<String> tag, Option<Digest> digest) {
    public static final String DOCKER_HUB = "docker.io";

    /** Longest reference accepted: 255 for the name, 128 for the tag, sha512's 135, and the separators. */
    private static final int MAX_CHARS = 255 + 1 + 128 + 1 + 135;
    private static final int MAX_NAME_CHARS = 255;
    private static final String DEFAULT_TAG = "latest";

    private static final String HOST_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
    private static final Pattern HOST =
            Pattern.compile("(?:" + HOST_LABEL + "(?:\\." + HOST_LABEL + ")*|\\[[0-9a-fA-F:]+])(?::(?<port>[0-9]{1,5}))?");
    private static final String PATH_PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    private static final Pattern PATH = Pattern.compile(PATH_PART + "(?:/" + PATH_PART + ")*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
    private static final Pattern BARE_HASH = Pattern.compile("[0-9a-f]{64}");
    private static final int MAX_PORT = 65535;

    /** @return the reference, or one sentence that says what is wrong with the text */
    public static Either<String, ImageReference> parse(String text) {
        if (text.length() > MAX_CHARS) {
            return bad(text, "it has %d characters, more than %d".formatted(text.length(), MAX_CHARS));
        }
        int at = text.indexOf('@');
        if (at < 0) {
            return parseTagged(text, text, Option.none());
        }
        return Digest.parse(text.substring(at + 1))
                .mapLeft(why -> "Expected an image reference, but got '" + Shown.text(text, MAX_CHARS) + "': " + why)
                .flatMap(digest -> parseTagged(text, text.substring(0, at), Option.of(digest)));
    }

    private static Either<String, ImageReference> parseTagged(String text, String tagged, Option<Digest> digest) {
        int colon = tagged.lastIndexOf(':');
        boolean hasTag = colon > tagged.lastIndexOf('/');
        Option<String> tag = hasTag ? Option.of(tagged.substring(colon + 1)) : Option.none();
        if (tag.exists(t -> !TAG.matcher(t).matches())) {
            return bad(text, "the tag must be letters, digits, '_', '.' and '-', at most 128, and not start with '.' or '-'");
        }
        if (tag.isEmpty() && digest.isEmpty()) {
            tag = Option.of(DEFAULT_TAG);
        }
        return parseName(text, hasTag ? tagged.substring(0, colon) : tagged, tag, digest);
    }

    private static Either<String, ImageReference> parseName(String text, String name, Option<String> tag, Option<Digest> digest) {
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean hasHost = first.contains(".") || first.contains(":") || first.equals("localhost")
                || !first.equals(first.toLowerCase(Locale.ROOT));
        String registry = hasHost ? first : DOCKER_HUB;
        String path = hasHost ? name.substring(slash + 1) : name;
        if (registry.equals("index.docker.io")) {
            registry = DOCKER_HUB;
        }
        if (!isHost(registry)) {
            return bad(text, "'" + Shown.text(registry, MAX_NAME_CHARS) + "' is no host name with an optional port");
        }
        if (!PATH.matcher(path).matches()) {
            return bad(text, "the repository must be lower-case letters and digits, divided by '/', '.', '_', '__' or '-'");
        }
        if (!hasHost && BARE_HASH.matcher(path).matches()) {
            return bad(text, "64 hex digits alone are an image id, not a name");
        }
        if (registry.equals(DOCKER_HUB) && path.indexOf('/') < 0) {
            path = "library/" + path;
        }
        if (registry.length() + 1 + path.length() > MAX_NAME_CHARS) {
            return bad(text, "the name is longer than " + MAX_NAME_CHARS + " characters");
        }
        return Either.right(new ImageReference(registry, path, tag, digest));
    }

    private static boolean isHost(String registry) {
        var matcher = HOST.matcher(registry);
        if (!matcher.matches()) {
            return false;
        }
        String port = matcher.group("port");
        return port == null || (Integer.parseInt(port) > 0 && Integer.parseInt(port) <= MAX_PORT);
    }

    private static Either<String, ImageReference> bad(String text, String why) {
        return Either.left("Expected an image reference such as registry.example/team/app:1.2, but got '"
                + Shown.text(text, MAX_CHARS) + "': " + why);
    }

    /** Registry and repository, without tag and digest. */
    public String name() {
        return registry + "/" + repository;
    }

    /** This name at another digest and no tag: the form CRI calls a repo digest. */
    public ImageReference at(Digest other) {
        return new ImageReference(registry, repository, Option.none(), Option.of(other));
    }

    @Override
    public String toString() {
        return name() + tag.map(t -> ":" + t).getOrElse("") + digest.map(d -> "@" + d).getOrElse("");
    }
}
