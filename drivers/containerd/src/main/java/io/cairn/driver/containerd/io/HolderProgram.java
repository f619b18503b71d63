package io.cairn.driver.containerd.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The program of a {@link Holder}, as a whole ELF file (elf(5)): a node has no compiler, and a shell or coreutils would take a
 * hundred times the memory for each container. It makes a child, which leaves the session and opens the file named by its first
 * argument for reading, a FIFO: that waits until somebody opens it for writing. Then it ends. Its exit code is 1 when it cannot make the
 * child. Descriptors it is given stay open in the child.
 */
final class HolderProgram {
    private static final long BASE = 0x400000;
    private static final int HEADERS_BYTES = 64 + 56;
    private static final short ELF_AMD64 = 62;
    private static final short ELF_AARCH64 = 183;

    /**
     * <pre>
     *   mov eax, 57           fork()
     *   syscall
     *   mov edi, eax          status = pid &lt; 0 ? 1 : 0
     *   shr edi, 31
     *   test eax, eax
     *   jne exit
     *   mov eax, 112          setsid()
     *   syscall
     *   mov rdi, [rsp+16]     open(argv[1],
     *   xor esi, esi            O_RDONLY)
     *   mov eax, 2
     *   syscall
     *   xor edi, edi          status = 0
     * exit:
     *   mov eax, 60           exit(status)
     *   syscall
     * </pre>
     */
    private static final int[] AMD64 = {
            0xb8, 57, 0, 0, 0, 0x0f, 0x05, 0x89, 0xc7, 0xc1, 0xef, 0x1f, 0x85, 0xc0, 0x75, 23,
            0xb8, 112, 0, 0, 0, 0x0f, 0x05, 0x48, 0x8b, 0x7c, 0x24, 16, 0x31, 0xf6, 0xb8, 2, 0, 0, 0, 0x0f, 0x05, 0x31, 0xff,
            0xb8, 60, 0, 0, 0, 0x0f, 0x05};

    /**
     * <pre>
     *   mov x0, #17           clone(SIGCHLD,
     *   mov x1, #0              0,
     *   mov x2, #0              0,
     *   mov x3, #0              0,
     *   mov x4, #0              0)
     *   mov x8, #220
     *   svc #0
     *   cbnz x0, exit
     *   mov x8, #157          setsid()
     *   svc #0
     *   ldr x1, [sp, #16]     openat(AT_FDCWD, argv[1],
     *   mov x0, #-100
     *   mov x2, #0              O_RDONLY)
     *   mov x8, #56
     *   svc #0
     *   mov x0, #0            status = 0
     * exit:
     *   lsr x0, x0, #63       of a pid: pid &lt; 0 ? 1 : 0
     *   mov x8, #93           exit(status)
     *   svc #0
     * </pre>
     */
    private static final int[] AARCH64 = {
            0xd2800220, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800004, 0xd2801b88, 0xd4000001, 0xb5000120,
            0xd28013a8, 0xd4000001, 0xf9400be1, 0x92800c60, 0xd2800002, 0xd2800708, 0xd4000001, 0xd2800000,
            0xd37ffc00, 0xd2800ba8, 0xd4000001};

    private HolderProgram() {}

    /** @param architecture as {@code os.arch} has it */
    static byte[] of(String architecture) throws IOException {
        return switch (architecture) {
            case "amd64", "x86_64" -> file(ELF_AMD64, code(AMD64, Byte.BYTES));
            case "aarch64" -> file(ELF_AARCH64, code(AARCH64, Integer.BYTES));
            default -> throw new IOException(
                    "Expected an architecture there is a holder of outputs for (amd64, aarch64), but this is " + architecture);
        };
    }

    private static byte[] code(int[] words, int wordBytes) {
        var code = ByteBuffer.allocate(wordBytes * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int word : words) {
            if (wordBytes == Byte.BYTES) {
                code.put((byte) word);
            } else {
                code.putInt(word);
            }
        }
        return code.array();
    }

    /** One segment, read and execute, of the whole file. */
    private static byte[] file(short machine, byte[] code) {
        int size = HEADERS_BYTES + code.length;
        var file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        file.put("\177ELF\2\1\1\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1));
        file.putShort((short) 2).putShort(machine).putInt(1).putLong(BASE + HEADERS_BYTES).putLong(64).putLong(0);
        file.putInt(0).putShort((short) 64).putShort((short) 56).putShort((short) 1).putShort((short) 64).putInt(0);
        file.putInt(1).putInt(5).putLong(0).putLong(BASE).putLong(BASE).putLong(size).putLong(size).putLong(0x1000);
        return file.put(code).array();
    }
}
