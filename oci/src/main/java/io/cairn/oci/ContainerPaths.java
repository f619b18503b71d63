package io.cairn.oci;

/** Paths inside a container, as a request names them. */
final class ContainerPaths {
    private static final int MAX_CHARS = 4096;

    private ContainerPaths() {}

    /** The path without double and trailing slashes and without "."; refused when it is relative, climbs or is the root itself. */
    static String checked(String path, String field) throws Refused {
        ProcessText.noNul(field, path);
        if (path.length() >= MAX_CHARS) {
            throw Refused.request("Expected %s to be shorter than %d characters, but it has %d", field, MAX_CHARS, path.length());
        }
        if (!path.startsWith("/")) {
            throw Refused.request("Expected %s to be an absolute path in the container, but it is \"%s\"", field, path);
        }
        var clean = new StringBuilder();
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                throw Refused.request("Expected %s not to climb with \"..\", but it is \"%s\"", field, path);
            }
            if (!part.isEmpty() && !part.equals(".")) {
                clean.append('/').append(part);
            }
        }
        if (clean.isEmpty()) {
            throw Refused.request("Expected %s to be below the container's root, but it is \"%s\"", field, path);
        }
        return clean.toString();
    }

    static int depth(String cleanPath) {
        return (int) cleanPath.chars().filter(c -> c == '/').count();
    }

    static boolean isBelow(String cleanPath, String directory) {
        return cleanPath.startsWith(directory + "/");
    }
}
