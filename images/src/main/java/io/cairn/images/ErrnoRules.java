package io.cairn.images;

import io.cairn.linux.LinuxException;
import java.util.Set;
import jnr.constants.platform.Errno;

/** Whom to blame when a system call fails while a layer is unpacked. */
final class ErrnoRules {
    /** What only the names and kinds of the entries can bring about. All else is the machine's. */
    private static final Set<Errno> OF_THE_LAYER =
            Set.of(Errno.ENAMETOOLONG, Errno.ELOOP, Errno.ENOTDIR, Errno.EISDIR, Errno.EINVAL, Errno.EXDEV, Errno.EMLINK, Errno.ERANGE,
                    Errno.E2BIG);

    private ErrnoRules() {}

    static boolean isFaultOfTheLayer(LinuxException failure) {
        return OF_THE_LAYER.stream().anyMatch(failure::is);
    }
}
