package io.cairn.linux;

import java.io.IOException;
import jnr.constants.platform.Errno;

/** A system call that failed: which one, on what, and with which errno. */
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    public LinuxException(String call, String arguments, int errno) {
        super("%s(%s): %s".formatted(call, arguments, describe(errno)));
        this.call = call;
        this.errno = errno;
    }

    /** Name of the system call, for example {@code mount}. */
    public String call() {
        return call;
    }

    /** The raw errno, as in errno(3). */
    public int errno() {
        return errno;
    }

    public boolean is(Errno expected) {
        return errno == expected.intValue();
    }

    private static String describe(int errno) {
        Errno known = Errno.valueOf(errno);
        return "%s (%s)".formatted(known.description(), known.defined() ? known.name() : "errno " + errno);
    }
}
