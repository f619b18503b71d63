package io.cairn.network;

import io.cairn.network.PodNetwork.Configured;
import io.vavr.collection.List;
import io.vavr.control.Either;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/** The network configuration that is made of the operator's template and the address ranges the kubelet tells. */
record ConfFile(Path confDir, Path template) {
    /** Late enough for others to go before it, early enough for what an add-on leaves behind. */
    static final String NAME = "10-cairn.conflist";

    private static final Set<StandardOpenOption> FRESH =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);

    Configured make(List<String> podRanges) {
        Path file = confDir.resolve(NAME);
        var present = CniConfig.load(confDir);
        if (present.exists(loaded -> !loaded.source().equals(file))) {
            return new Configured.NotNeeded("the network is configured by " + present.get().source());
        }
        return read().flatMap(text -> ConfTemplate.parse(text)).flatMap(parsed -> parsed.render(podRanges)).flatMap(ConfFile::checked)
                .flatMap(content -> write(file, content))
                .fold(why -> new Configured.Failed(file.toString(), template.toString(), why), changed -> changed
                        ? new Configured.Written(file.toString(), template.toString())
                        : new Configured.NotNeeded(file + " says so already"));
    }

    private Either<String, String> read() {
        try (var in = Files.newInputStream(template)) {
            byte[] bytes = in.readNBytes(Json.BYTES_MAX + 1);
            return bytes.length > Json.BYTES_MAX ? Either.left("expected at most %d bytes, but the template has more".formatted(Json.BYTES_MAX))
                    : Either.right(new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Either.left("cannot read the template: " + Text.reason(e));
        }
    }

    /** What no pod could be attached with is not written: it would hide what the template lacks. */
    private static Either<String, byte[]> checked(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Json.parseObject(bytes).flatMap(NetworkList::parse).map(_ -> bytes)
                .mapLeft(why -> "what comes of the template is no network configuration: " + why);
    }

    /** @return whether there was anything to change */
    private Either<String, Boolean> write(Path file, byte[] content) {
        try {
            if (Arrays.equals(content, present(file))) {
                return Either.right(false);
            }
            Files.createDirectories(confDir);
            Path fresh = confDir.resolve("." + NAME + ".new");
            var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));
            try (var out = FileChannel.open(fresh, FRESH, mode)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            try (var directory = FileChannel.open(confDir, StandardOpenOption.READ)) {
                directory.force(true);
            }
            return Either.right(true);
        } catch (IOException e) {
            return Either.left("cannot write it: " + Text.reason(e));
        }
    }

    private static byte[] present(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }
}
