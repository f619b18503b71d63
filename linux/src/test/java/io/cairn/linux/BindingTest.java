package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BindingTest {
    private static final Calls LIBC = LibC.bind(Calls.class);

    private final int[] pipe = new int[2];

    private interface Calls {
        int pipe2(int[] ends, int flags);

        int close(int fd);

        long read(int fd, ByteBuffer buffer, long count);

        long write(int fd, ByteBuffer buffer, long count);

        long write(int fd, byte[] bytes, long count);

        int access(String path, int mode);

        long labs(long value);

        short htons(short value);

        int no_such_function(int value);

        int abs(double value);
    }

    @BeforeEach
    void open() {
        assertThat(LIBC.pipe2(pipe, 0)).isZero();
    }

    @AfterEach
    void close() {
        LIBC.close(pipe[0]);
        LIBC.close(pipe[1]);
    }

    @Test
    void bytesGoFromArraysAndBuffersAsFarAsTheyAreMeant() {
        ByteBuffer direct = ByteBuffer.allocateDirect(16).put(bytes("..direct..")).flip().position(2);
        ByteBuffer heap = ByteBuffer.wrap(bytes("....heap..")).position(2).slice().position(2);
        assertThat(LIBC.write(pipe[1], direct, 6)).isEqualTo(6);
        assertThat(LIBC.write(pipe[1], heap, 4)).isEqualTo(4);
        assertThat(LIBC.write(pipe[1], bytes("array"), 5)).isEqualTo(5);
        assertThat(direct.position()).isEqualTo(2);

        ByteBuffer first = ByteBuffer.allocateDirect(16).position(3);
        ByteBuffer second = ByteBuffer.allocate(16).position(1);
        assertThat(LIBC.read(pipe[0], first, 6)).isEqualTo(6);
        assertThat(LIBC.read(pipe[0], second, 9)).isEqualTo(9);
        assertThat(text(first, 3, 6)).isEqualTo("direct");
        assertThat(text(second, 1, 9)).isEqualTo("heaparray");
        assertThat(second.position()).isEqualTo(1);
    }

    @Test
    void numbersKeepTheirSizeAndSign() {
        assertThat(LIBC.labs(-5_000_000_000L)).isEqualTo(5_000_000_000L);
        assertThat(LIBC.access("/", 0)).isZero();
        assertThat(LIBC.access("/no such file", 0)).isEqualTo(-1);
        assertThat(LibC.lastErrorIs(Errno.ENOENT)).isTrue();
    }

    @Test
    void nullIsNull() {
        assertThat(LIBC.access(null, 0)).isEqualTo(-1);
        assertThat(LibC.lastErrorIs(Errno.EFAULT)).isTrue();
    }

    @Test
    void aNameWithNulIsNotCutOffThere() {
        assertThatThrownBy(() -> LIBC.access("/\0etc", 0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("NUL");
    }

    @Test
    void whatCannotBeCalledIsNamed() {
        assertThatThrownBy(() -> LIBC.no_such_function(1)).isInstanceOf(UnsatisfiedLinkError.class).hasMessageContaining("no_such_function");
        assertThatThrownBy(() -> LIBC.abs(1.0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("double");
        assertThatThrownBy(() -> LIBC.htons((short) 1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("result");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(ByteBuffer buffer, int from, int length) {
        byte[] bytes = new byte[length];
        buffer.get(from, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
