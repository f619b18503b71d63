package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.oci.SpecProblem;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.journal.Failure;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What several parts read in requests, and how they refuse it. */
public final class Requests {
    /** What the OCI runtimes take for an id, short enough for every path made of it. */
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

    private Requests() {}

    /** @return the id, safe as the name of a file */
    public static String id(String id) throws DriverException {
        if (!ID.matcher(id).matches()) {
            throw Failures.invalid("Expected an id of 1 to 128 letters, digits, '_', '.' and '-', but it is \"%.200s\"", id);
        }
        return id;
    }

    /** @param field its name, for the message */
    public static Path path(String text, String field) throws DriverException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw Failures.invalid("Expected %s to be a path, but it is \"%.300s\": %s", field, text, e.getReason());
        }
    }

    /** The mount of an image as a volume. */
    public static boolean isImage(Mount mount) {
        return mount.hasImage() && !mount.getImage().getImage().isEmpty();
    }

    /** Whose fault it is that an OCI spec cannot be made. */
    public static Failure.Kind kind(SpecProblem problem) {
        return switch (problem) {
            case SpecProblem.InvalidRequest _ -> Failure.Kind.INVALID;
            case SpecProblem.InvalidImage _ -> Failure.Kind.FAILED;
            case SpecProblem.HostLacks _ -> Failure.Kind.UNSUPPORTED;
        };
    }
}
