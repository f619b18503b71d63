package io.cairn.streaming;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.vavr.control.Option;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * How a command ended, as clients read it from the error stream: up to v3.channel.k8s.io in words, and nothing after a success; from v4
 * on a {@code metav1.Status} of the Kubernetes API, whose cause {@code ExitCode} holds the exit code.
 */
enum Statuses {
    WORDS {
        @Override
        byte[] ended(int exitCode) {
            return exitCode == 0 ? NOTHING : ("command terminated with exit code " + exitCode).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        byte[] failed(String why) {
            return why.getBytes(StandardCharsets.UTF_8);
        }
    },
    JSON {
        @Override
        byte[] ended(int exitCode) {
            return exitCode == 0
                    ? status("Success", Option.none(), Option.none(), Option.none(), 0)
                    : status("Failure", Option.some("command terminated with non-zero exit code " + exitCode),
                            Option.some("NonZeroExitCode"), Option.some(new Cause("ExitCode", Integer.toString(exitCode))), 0);
        }

        @Override
        byte[] failed(String why) {
            return status("Failure", Option.some("Internal error occurred: " + why), Option.some("InternalError"),
                    Option.some(new Cause("", why)), 500);
        }
    };

    private static final byte[] NOTHING = {};
    private static final JsonFactory FACTORY = new JsonFactory();

    private record Cause(String reason, String message) {}

    /** @param exitCode 0 for an attachment */
    abstract byte[] ended(int exitCode);

    abstract byte[] failed(String why);

    private static byte[] status(String status, Option<String> message, Option<String> reason, Option<Cause> cause, int code) {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeObjectFieldStart("metadata");
            json.writeEndObject();
            json.writeStringField("status", status);
            for (String text : message) {
                json.writeStringField("message", text);
            }
            for (String text : reason) {
                json.writeStringField("reason", text);
            }
            for (Cause one : cause) {
                writeDetails(json, one);
            }
            if (code > 0) {
                json.writeNumberField("code", code);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void writeDetails(JsonGenerator json, Cause cause) throws IOException {
        json.writeObjectFieldStart("details");
        json.writeArrayFieldStart("causes");
        json.writeStartObject();
        if (!cause.reason().isEmpty()) {
            json.writeStringField("reason", cause.reason());
        }
        json.writeStringField("message", cause.message());
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
    }
}
