package io.cairn.linux;

import com.kenai.jffi.MemoryIO;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jnr.constants.platform.Errno;

/**
 * posix_spawn(3), which suspends one thread until the program runs, where the JDK starts a helper program first that then starts
 * the wanted one. Thread-safe.
 *
 * <p>The child has the descriptors it is given and no others: most of the JVM's are open across exec(3), among them locks that must
 * end with the daemon. That is the work of posix_spawn_file_actions_addclosefrom_np(3), which glibc has from 2.34 on.
 */
final class Spawn {
    private static final int STANDARD_DESCRIPTORS = 3;
    private static final int O_RDWR = 2;
    /** Of glibc's posix_spawn_file_actions_t (80), posix_spawnattr_t (336) and sigset_t (128), with room to spare. */
    private static final int OPAQUE_BYTES = 1024;
    private static final short POSIX_SPAWN_SETPGROUP = 0x02;
    private static final short POSIX_SPAWN_SETSIGDEF = 0x04;
    private static final short POSIX_SPAWN_SETSIGMASK = 0x08;

    private static final Calls CALLS = LibC.bind(Calls.class);

    private Spawn() {}

    /** All but the signal sets answer with an error number. */
    private interface Calls {
        int posix_spawn(int[] pid, byte[] path, ByteBuffer actions, ByteBuffer attributes, ByteBuffer argv, ByteBuffer envp);

        int posix_spawn_file_actions_init(ByteBuffer actions);

        int posix_spawn_file_actions_adddup2(ByteBuffer actions, int fd, int number);

        int posix_spawn_file_actions_addopen(ByteBuffer actions, int number, String path, int flags, int mode);

        int posix_spawn_file_actions_addclosefrom_np(ByteBuffer actions, int from);

        int posix_spawn_file_actions_addchdir_np(ByteBuffer actions, String path);

        int posix_spawn_file_actions_destroy(ByteBuffer actions);

        int posix_spawnattr_init(ByteBuffer attributes);

        int posix_spawnattr_setflags(ByteBuffer attributes, short flags);

        int posix_spawnattr_setpgroup(ByteBuffer attributes, int group);

        int posix_spawnattr_setsigmask(ByteBuffer attributes, ByteBuffer signals);

        int posix_spawnattr_setsigdefault(ByteBuffer attributes, ByteBuffer signals);

        int posix_spawnattr_destroy(ByteBuffer attributes);

        int sigemptyset(ByteBuffer signals);

        int sigfillset(ByteBuffer signals);
    }

    /**
     * Runs a program, in a process group of its own: Ctrl-C at the daemon's terminal is not for it.
     *
     * @param descriptors number in the child to number here; those of 0 to 2 that are not named are /dev/null there
     * @return its pid; the caller has to wait for it (waitpid(2))
     * @throws LinuxException also when the program could not be run
     */
    static int run(Program program, Map<Integer, Integer> descriptors) throws LinuxException {
        ByteBuffer actions = ByteBuffer.allocateDirect(OPAQUE_BYTES);
        ByteBuffer attributes = ByteBuffer.allocateDirect(OPAQUE_BYTES);
        check(CALLS.posix_spawn_file_actions_init(actions), "posix_spawn_file_actions_init", "");
        try {
            check(CALLS.posix_spawnattr_init(attributes), "posix_spawnattr_init", "");
            try {
                arrange(actions, descriptors, program);
                describe(attributes);
                int[] pid = new int[1];
                ByteBuffer argv = strings(program.argv());
                ByteBuffer envp = strings(program.environment().entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
                check(CALLS.posix_spawn(pid, terminated(program.path()), actions, attributes, argv, envp), "posix_spawn", program.path());
                return pid[0];
            } finally {
                CALLS.posix_spawnattr_destroy(attributes);
            }
        } finally {
            CALLS.posix_spawn_file_actions_destroy(actions);
        }
    }

    private static void arrange(ByteBuffer actions, Map<Integer, Integer> descriptors, Program program) throws LinuxException {
        var wanted = new TreeMap<>(descriptors);
        int first = Math.max(STANDARD_DESCRIPTORS, wanted.isEmpty() ? 0 : wanted.lastKey() + 1);
        for (int number = 0; number < first; number++) {
            Integer here = wanted.get(number);
            if (here != null && here < first) {
                // It would be overwritten by what is put at its number. A JVM has dozens of files open before any of ours.
                throw new IllegalStateException("Expected descriptors from %d on, but %d is to become %d".formatted(first, here, number));
            }
            if (here != null) {
                check(CALLS.posix_spawn_file_actions_adddup2(actions, here, number), "posix_spawn_file_actions_adddup2", here + ", " + number);
            } else if (number < STANDARD_DESCRIPTORS) {
                check(CALLS.posix_spawn_file_actions_addopen(actions, number, "/dev/null", O_RDWR, 0), "posix_spawn_file_actions_addopen", "" + number);
            }
        }
        check(CALLS.posix_spawn_file_actions_addclosefrom_np(actions, first), "posix_spawn_file_actions_addclosefrom_np", "" + first);
        check(CALLS.posix_spawn_file_actions_addchdir_np(actions, program.directory().toString()), "posix_spawn_file_actions_addchdir_np",
                program.directory().toString());
    }

    /** The JVM blocks and ignores signals as suits it: the child begins as if a shell had started it. */
    private static void describe(ByteBuffer attributes) throws LinuxException {
        ByteBuffer signals = ByteBuffer.allocateDirect(OPAQUE_BYTES);
        CALLS.sigemptyset(signals);
        check(CALLS.posix_spawnattr_setsigmask(attributes, signals), "posix_spawnattr_setsigmask", "none");
        CALLS.sigfillset(signals);
        check(CALLS.posix_spawnattr_setsigdefault(attributes, signals), "posix_spawnattr_setsigdefault", "all");
        check(CALLS.posix_spawnattr_setpgroup(attributes, 0), "posix_spawnattr_setpgroup", "0");
        short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
        check(CALLS.posix_spawnattr_setflags(attributes, flags), "posix_spawnattr_setflags", "" + flags);
    }

    /** An array of pointers that ends with null, and behind it in the same piece of memory the strings: it stays as long as the array does. */
    private static ByteBuffer strings(List<String> words) throws LinuxException {
        int headBytes = (words.size() + 1) * Long.BYTES;
        var text = new ByteArrayOutputStream();
        var offsets = new int[words.size()];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = headBytes + text.size();
            text.writeBytes(terminated(words.get(i)));
        }
        ByteBuffer block = ByteBuffer.allocateDirect(headBytes + text.size()).order(ByteOrder.nativeOrder());
        long address = MemoryIO.getInstance().getDirectBufferAddress(block);
        for (int i = 0; i < offsets.length; i++) {
            block.putLong(i * Long.BYTES, address + offsets[i]);
        }
        return block.put(headBytes, text.toByteArray());
    }

    private static byte[] terminated(String word) throws LinuxException {
        if (word.indexOf('\0') >= 0) {
            throw new LinuxException("posix_spawn", word.replace('\0', ' '), Errno.EINVAL.intValue());
        }
        return (word + "\0").getBytes(StandardCharsets.UTF_8);
    }

    private static void check(int error, String call, String arguments) throws LinuxException {
        if (error != 0) {
            throw new LinuxException(call, arguments, error);
        }
    }
}
