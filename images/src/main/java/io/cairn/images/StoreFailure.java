package io.cairn.images;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Why the store on disk could not do what it was asked.
 *
 * @param message names what was tried, on what, and what came back
 */
public record StoreFailure(Kind kind, String message) {
    public enum Kind {
        /** An image, layer or snapshot is not there. Pull the image (again). */
        MISSING,
        /** It is there but not whole. Pulling the image again replaces it. */
        DAMAGED,
        /** Something of this name is there and is something else. */
        CONFLICT,
        /** The arguments cannot be right. */
        INVALID,
        /** The file system failed: full, read-only, broken. */
        STORAGE
    }

    static StoreFailure storage(String action, Path path, IOException cause) {
        return new StoreFailure(Kind.STORAGE, "%s at %s: %s".formatted(action, path, reason(cause)));
    }

    /** The JDK's file exceptions have only a path as their message. */
    static String reason(IOException cause) {
        return cause.getClass().getPackageName().equals("java.nio.file")
                ? cause.getClass().getSimpleName() + " " + cause.getMessage()
                : String.valueOf(cause.getMessage());
    }
}
