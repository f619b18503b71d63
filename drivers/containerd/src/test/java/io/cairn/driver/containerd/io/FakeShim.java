package io.cairn.driver.containerd.io;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * What containerd's shim does with the FIFOs of one process: opens each output for writing, then for reading, so that a daemon that is
 * gone is no error, and closes both when the process has ended.
 */
final class FakeShim implements AutoCloseable {
    private final FileOutputStream stdout;
    private final FileInputStream stdoutHeld;
    private final FileOutputStream stderr;
    private final FileInputStream stderrHeld;

    FakeShim(StdioPaths paths) throws IOException {
        stdout = new FileOutputStream(paths.stdout());
        stdoutHeld = new FileInputStream(paths.stdout());
        stderr = paths.stderr().isEmpty() ? null : new FileOutputStream(paths.stderr());
        stderrHeld = paths.stderr().isEmpty() ? null : new FileInputStream(paths.stderr());
    }

    OutputStream stdout() {
        return stdout;
    }

    OutputStream stderr() {
        return stderr;
    }

    void say(String text) {
        say(text.getBytes(StandardCharsets.UTF_8));
    }

    void say(byte[] bytes) {
        try {
            stdout.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void complain(String text) {
        try {
            stderr.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        stdout.close();
        stdoutHeld.close();
        if (stderr != null) {
            stderr.close();
            stderrHeld.close();
        }
    }
}
