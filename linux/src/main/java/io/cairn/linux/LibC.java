package io.cairn.linux;

import jnr.constants.platform.Errno;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Runtime;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * The door to libc. Each class of this package binds the calls it needs as an interface of its own through
 * {@link #bind}; what jnr-posix has already, and no start waits for, is taken from {@link #posix()}.
 *
 * <p>errno is kept per thread by jnr: read it on the thread that made the call, right after it.
 */
final class LibC {
    private LibC() {}

    /** Its more than a hundred calls are bound all at once, which takes as long as all else that a start needs of libc: only when one is made. */
    private static final class Posix {
        static final POSIX CALLS = POSIXFactory.getNativePOSIX();
    }

    static <T> T bind(Class<T> calls) {
        return LibraryLoader.create(calls).option(LibraryOption.SaveError, true).load("c");
    }

    static POSIX posix() {
        return Posix.CALLS;
    }

    /** Checks a call that answers -1 on failure and hands its result through. */
    static int check(int result, String call, Object... arguments) throws LinuxException {
        if (result == -1) {
            throw failure(call, arguments);
        }
        return result;
    }

    static LinuxException failure(String call, Object... arguments) {
        var text = new StringBuilder();
        for (Object argument : arguments) {
            text.append(text.isEmpty() ? "" : ", ").append(argument);
        }
        return new LinuxException(call, text.toString(), Runtime.getSystemRuntime().getLastError());
    }

    static boolean lastErrorIs(Errno errno) {
        return Runtime.getSystemRuntime().getLastError() == errno.intValue();
    }
}
