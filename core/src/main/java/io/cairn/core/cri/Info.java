package io.cairn.core.cri;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.effect.Drivers;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;

/** The JSON of verbose answers. */
final class Info {
    private Info() {}

    static String of(Sandbox sandbox, String networkCheck) {
        return object(Struct.newBuilder()
                .putFields("driver", text(sandbox.driver()))
                .putFields("runtimeHandler", text(sandbox.runtimeHandler()))
                .putFields("networkNamespace", text(sandbox.networkNamespace().getOrElse("")))
                .putFields("networkCheck", text(networkCheck))
                .putFields("phase", text(sandbox.phase().name()))
                .putFields("config", message(sandbox.config())));
    }

    static String of(Image image) {
        return object(Struct.newBuilder().putFields("driver", text(image.driver())).putFields("user", text(image.user())));
    }

    static String of(Drivers drivers, String version) {
        var loaded = Struct.newBuilder();
        drivers.byName().forEach((name, driver) -> loaded.putFields(name, text(driver.describe())));
        return object(Struct.newBuilder().putFields("version", text(version)).putFields("defaultDriver", text(drivers.defaultName()))
                .putFields("drivers", Value.newBuilder().setStructValue(loaded).build()));
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    private static Value message(com.google.protobuf.Message message) {
        var value = Value.newBuilder();
        try {
            JsonFormat.parser().merge(JsonFormat.printer().print(message), value);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("Expected a message to have a JSON form", e);
        }
        return value.build();
    }

    private static String object(Struct.Builder struct) {
        try {
            return JsonFormat.printer().omittingInsignificantWhitespace().print(struct);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("Expected a structure to have a JSON form", e);
        }
    }
}
