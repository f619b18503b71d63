package io.cairn.images;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cairn.images.registry.Descriptor;
import io.cairn.images.registry.Shown;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verification by programs, called as containerd calls those of its {@code bindir} image verifier (its
 * docs/image-verification.md): each gets {@code -name}, {@code -digest} and {@code -stdin-media-type} as arguments and the
 * descriptor of the image as JSON on stdin; the exit code 0 lets the image in, any other refuses it, and stdout tells why.
 *
 * <p>The first that refuses ends the matter. What cannot be asked refuses as well: a directory that is missing or empty, a file
 * that cannot be run, a program that does not end in time.
 *
 * @param directory holds programs and nothing else; read anew for each image
 * @param programsMax those that come first by their names are called, the others are not; 1 or more
 * @param deadline of each program; it is killed then
 */
public record VerifierPrograms(Path directory, int programsMax, Duration deadline) implements Verification {
    private static final Logger LOG = LoggerFactory.getLogger(VerifierPrograms.class);
    private static final String DESCRIPTOR_TYPE = "application/vnd.oci.descriptor.v1+json";
    private static final int REASON_CHARS_MAX = 500;

    @Override
    public Option<String> objection(String name, Descriptor target) throws InterruptedException {
        Vector<Path> programs;
        try {
            programs = programs();
        } catch (IOException e) {
            return Option.some("the directory of verifiers cannot be read: " + StoreFailure.reason(e));
        }
        if (programs.isEmpty()) {
            return Option.some("there is no verifier in " + directory);
        }
        if (programs.size() > programsMax) {
            LOG.warn("There are {} verifiers in {}; only the first {} by name are called", programs.size(), directory, programsMax);
        }
        for (Path program : programs.take(programsMax)) {
            Option<String> objection = ask(program, name, target);
            if (objection.isDefined()) {
                return objection;
            }
        }
        return Option.none();
    }

    private Vector<Path> programs() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return Vector.ofAll(entries.toList()).sortBy(Path::toString);
        }
    }

    private Option<String> ask(Path program, String name, Descriptor target) throws InterruptedException {
        if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
            return Option.some("Expected only programs in %s, but %s is none".formatted(directory, program.getFileName()));
        }
        var run = new VerifierRun(Vector.of(program.toString(), "-name", name, "-digest", target.digest().toString(), "-stdin-media-type",
                DESCRIPTOR_TYPE), json(target), deadline);
        return switch (run.outcome()) {
            case VerifierRun.Ended(int code, String stdout, String stderr) -> {
                LOG.debug("Verifier {} on {}: exit code {}, stderr: {}", program, name, code, shown(stderr));
                yield Option.when(code != 0, () -> "verifier %s refused it (exit code %d): %s".formatted(program, code, shown(stdout)));
            }
            case VerifierRun.TimedOut() -> Option.some("verifier %s did not end within %d ms and was killed"
                    .formatted(program, deadline.toMillis()));
            case VerifierRun.NotRun(String why) -> Option.some("verifier %s cannot be run: %s".formatted(program, why));
        };
    }

    /** On one line, as it goes into messages. */
    private static String shown(String text) {
        return Shown.text(text.strip().replaceAll("\\s+", " "), REASON_CHARS_MAX);
    }

    private static byte[] json(Descriptor target) {
        return JsonNodeFactory.instance.objectNode().put("mediaType", target.mediaType()).put("digest", target.digest().toString())
                .put("size", target.sizeBytes()).toString().getBytes(StandardCharsets.UTF_8);
    }
}
