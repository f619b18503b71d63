package io.cairn.journal;

import java.nio.file.Path;

/** There is too little room on the disk. Nothing was written; the same call succeeds once there is room again. */
public final class JournalFull extends JournalException {
    private static final long serialVersionUID = 1L;

    private final transient Path path;
    private final long bytesNeeded;

    JournalFull(Path path, long bytesNeeded, Throwable cause) {
        super("Expected room for the journal in %s, but %d bytes are missing: free them, it goes on by itself"
                .formatted(path, bytesNeeded), cause);
        this.path = path;
        this.bytesNeeded = bytesNeeded;
    }

    /** The journal's directory. */
    public Path path() {
        return path;
    }

    /** How many more bytes must become free on its file system. */
    public long bytesNeeded() {
        return bytesNeeded;
    }
}
