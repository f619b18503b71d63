package io.cairn.oci;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paths on the host, as a request names them. */
final class HostPaths {
    private HostPaths() {}

    static String checked(String path, String field) throws Refused {
        ProcessText.noNul(field, path);
        if (!path.startsWith("/")) {
            throw Refused.request("Expected %s to be an absolute path on the host, but it is \"%.200s\"", field, path);
        }
        return path;
    }

    /** A path to look at: what the JVM's file name encoding cannot say is refused instead of thrown. */
    static Path path(String path, String field) throws Refused {
        try {
            return Path.of(checked(path, field));
        } catch (InvalidPathException e) {
            throw Refused.request(
                    "Expected %s to be a path that this JVM can name (sun.jnu.encoding is %s), but it is \"%.200s\"",
                    field, System.getProperty("sun.jnu.encoding"), path);
        }
    }
}
