package io.cairn.core.cri;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.effect.Drivers;
import io.cairn.proto.cri.PodSandboxConfig;

/** The JSON of verbose answers. */
final class Info {
    private Info() {}

    static String of(Sandbox sandbox, String networkCheck) {
        return json(Struct.newBuilder()
                .putFields("driver", text(sandbox.driver()))
                .putFields("runtimeHandler", text(sandbox.runtimeHandler()))
                .putFields("networkNamespace", text(sandbox.networkNamespace().getOrElse("")))
                .putFields("networkCheck", text(networkCheck))
                .putFields("phase", text(sandbox.phase().name()))
                .putFields("config", message(configInForce(sandbox)))
                .putFields("runtimeSpec", structure(Struct.newBuilder().putFields("linux", structure(Struct.newBuilder()
                        .putFields("namespaces", Value.newBuilder().setListValue(namespaces(sandbox)).build()))))));
    }

    /** Where tools for other runtimes look for the network of a pod. */
    private static ListValue namespaces(Sandbox sandbox) {
        var namespaces = ListValue.newBuilder();
        sandbox.networkNamespace().forEach(path -> namespaces.addValues(structure(
                Struct.newBuilder().putFields("type", text("network")).putFields("path", text(path)))));
        return namespaces.build();
    }

    /** @param told what the driver tells, a JSON object with at least one field: numbers in it must come through digit by digit */
    static String of(Container container, String told) {
        var config = container.config().toBuilder();
        config.getLinuxBuilder().setResources(container.resources());
        return "{\"config\":%s,%s".formatted(json(config), told.substring(1));
    }

    /** The configuration, with the limits as they were changed last. */
    private static PodSandboxConfig configInForce(Sandbox sandbox) {
        var config = sandbox.config().toBuilder();
        sandbox.resources().forEach(r -> config.getLinuxBuilder().setOverhead(r.getOverhead()).setResources(r.getResources()));
        return config.build();
    }

    static String of(Image image) {
        return json(Struct.newBuilder().putFields("driver", text(image.driver())).putFields("user", text(image.user())));
    }

    static String of(Drivers drivers, String version) {
        var loaded = Struct.newBuilder();
        drivers.byName().forEach((name, driver) -> loaded.putFields(name, text(driver.describe())));
        return json(Struct.newBuilder().putFields("version", text(version)).putFields("defaultDriver", text(drivers.defaultName()))
                .putFields("drivers", Value.newBuilder().setStructValue(loaded).build()));
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    private static Value structure(Struct.Builder struct) {
        return Value.newBuilder().setStructValue(struct).build();
    }

    private static Value message(MessageOrBuilder message) {
        var value = Value.newBuilder();
        try {
            JsonFormat.parser().merge(json(message), value);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("Expected a message to have a JSON form", e);
        }
        return value.build();
    }

    private static String json(MessageOrBuilder message) {
        try {
            return JsonFormat.printer().omittingInsignificantWhitespace().print(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("Expected a message to have a JSON form", e);
        }
    }
}
