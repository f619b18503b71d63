package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.proto.journal.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The program that is process 1 of a pod whose containers share their PID namespace.
 *
 * <p>A node has no program for this that needs no libraries and none of the node's files in the container's sight, and no compiler
 * to make one; so it is written down here, a whole ELF file (elf(5)) of 192 bytes. It says SIG_IGN for SIGCHLD, at which the kernel
 * takes away the children that end, orphans of the containers among them (sigaction(2), NOTES), and then sleeps for ever. It has no
 * handler, so that nobody in the pod can end it (pid_namespaces(7)); the driver kills it from outside.
 */
public final class PodInit {
    private static final long BASE = 0x400000;
    private static final int HEADERS_BYTES = 64 + 56;
    private static final int SIGACTION_BYTES = 32;
    private static final int SIG_IGN = 1;

    /**
     * Code of one machine; the sigaction it passes to rt_sigaction follows right behind it.
     *
     * @param elfMachine e_machine
     */
    private record Machine(short elfMachine, byte[] code) {}

    /**
     * <pre>
     *   mov eax, 13         rt_sigaction(
     *   mov edi, 17           SIGCHLD,
     *   lea rsi, [rip+23]     act,
     *   xor edx, edx          NULL,
     *   mov r10d, 8           8)
     *   syscall
     * 1:mov eax, 34         pause()
     *   syscall
     *   jmp 1b
     *   nop …               (to a multiple of 8)
     * </pre>
     */
    private static final Machine AMD64 = new Machine((short) 62, bytes(
            0xb8, 13, 0, 0, 0, 0xbf, 17, 0, 0, 0, 0x48, 0x8d, 0x35, 23, 0, 0, 0, 0x31, 0xd2, 0x41, 0xba, 8, 0, 0, 0, 0x0f, 0x05,
            0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7, 0x90, 0x90, 0x90, 0x90));

    /**
     * <pre>
     *   mov x8, #134        rt_sigaction(
     *   mov x0, #17           SIGCHLD,
     *   adr x1, #56           act,
     *   mov x2, #0            NULL,
     *   mov x3, #8            8)
     *   svc #0
     * 1:mov x8, #73         ppoll(
     *   mov x0, #0            NULL,
     *   mov x1, #0            0,
     *   mov x2, #0            NULL,
     *   mov x3, #0            NULL,
     *   mov x4, #0            0)
     *   svc #0
     *   b 1b
     *   nop nop
     * </pre>
     */
    private static final Machine AARCH64 = new Machine((short) 183, words(
            0xd28010c8, 0xd2800220, 0x100001c1, 0xd2800002, 0xd2800103, 0xd4000001,
            0xd2800928, 0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800004, 0xd4000001, 0x17fffff9,
            0xd503201f, 0xd503201f));

    private PodInit() {}

    /** @param architecture as {@code os.arch} has it */
    public static byte[] program(String architecture) throws DriverException {
        Machine machine = switch (architecture) {
            case "amd64", "x86_64" -> AMD64;
            case "aarch64" -> AARCH64;
            default -> throw Failures.of(Failure.Kind.UNSUPPORTED,
                    "Expected an architecture that there is a pod init for (amd64, aarch64), but this is %s", architecture);
        };
        int size = HEADERS_BYTES + machine.code().length + SIGACTION_BYTES;
        var file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        file.put("\177ELF\2\1\1\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1));
        file.putShort((short) 2).putShort(machine.elfMachine()).putInt(1).putLong(BASE + HEADERS_BYTES).putLong(64).putLong(0);
        file.putInt(0).putShort((short) 64).putShort((short) 56).putShort((short) 1).putShort((short) 64).putInt(0);
        // One segment, read and execute, of the whole file.
        file.putInt(1).putInt(5).putLong(0).putLong(BASE).putLong(BASE).putLong(size).putLong(size).putLong(0x1000);
        file.put(machine.code());
        file.putLong(SIG_IGN);
        return file.array();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] words(int... values) {
        var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }
}
