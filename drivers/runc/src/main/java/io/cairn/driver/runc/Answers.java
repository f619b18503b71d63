package io.cairn.driver.runc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Boot;
import io.cairn.driver.host.Command;
import io.cairn.driver.host.Command.Ended;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.WallClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What programs have said of themselves: versions, features. A start asks again only when the program is another file than the one that has
 * answered, or the host was booted anew. A script is always asked, since another program may answer for it. Used by one thread.
 */
final class Answers {
    /** First bytes of a program that is no script, elf(5). */
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

    private final Path memory;
    private final Boot boot;
    private final ObjectNode known;
    private boolean changed;

    private Answers(Path memory, Boot boot, ObjectNode known) {
        this.memory = memory;
        this.boot = boot;
        this.known = known;
    }

    /** @param run the driver's directory that a reboot takes away */
    static Answers read(Path run, Boot boot) throws IOException {
        Path memory = run.resolve("answers.json");
        return new Answers(memory, boot, FileTrees.readObject(memory).getOrElse(FileTrees.JSON.createObjectNode()));
    }

    /** What the program answers, or has answered; only what ended well is remembered. */
    Ended to(Command question) throws DriverException, IOException {
        Path program = Path.of(question.argv().head());
        String key = question.argv().mkString(" ");
        if (isScript(program)) {
            return question.run();
        }
        ObjectNode now = FileTrees.JSON.createObjectNode().put("boot_id", boot.id())
                // As text: a number read back need not be equal to one put in, as small ones become ints.
                .put("size_bytes", Long.toString(Files.size(program))).put("modified_nanos", Long.toString(WallClock.modified(program)));
        if (known.path(key) instanceof ObjectNode before && now.equals(before.deepCopy().without("answer"))) {
            return new Ended(0, ByteString.copyFromUtf8(before.path("answer").asText()), ByteString.EMPTY);
        }
        Ended ended = question.run();
        if (ended.succeeded()) {
            known.set(key, now.put("answer", ended.stdout().toStringUtf8()));
            changed = true;
        }
        return ended;
    }

    private static boolean isScript(Path program) throws IOException {
        try (InputStream in = Files.newInputStream(program)) {
            return !Arrays.equals(in.readNBytes(ELF.length), ELF);
        }
    }

    /** For the next start. */
    void remember() throws IOException {
        if (changed) {
            FileTrees.write(memory, known);
            changed = false;
        }
    }
}
