package io.cairn.linux;

import com.kenai.jffi.LastError;
import java.lang.reflect.Proxy;
import jnr.constants.platform.Errno;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * The door to libc. Each class of this package binds the calls it needs as an interface of its own through
 * {@link #bind}; what jnr-posix has already, and no start waits for, is taken from {@link #posix()}.
 *
 * <p>errno is kept per thread by jffi: read it on the thread that made the call, right after it.
 */
final class LibC {
    private LibC() {}

    /** Its more than a hundred calls are bound all at once, which takes as long as all else that a start needs of libc: only when one is made. */
    private static final class Posix {
        static final POSIX CALLS = POSIXFactory.getNativePOSIX();
    }

    static <T> T bind(Class<T> calls) {
        return calls.cast(Proxy.newProxyInstance(calls.getClassLoader(), new Class<?>[] {calls}, new Binding()));
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
        return new LinuxException(call, text.toString(), LastError.getInstance().get());
    }

    static boolean lastErrorIs(Errno errno) {
        return LastError.getInstance().get() == errno.intValue();
    }
}
