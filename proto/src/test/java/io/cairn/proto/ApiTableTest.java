package io.cairn.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.cairn.proto.cri.Api;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the generated CRI descriptors against a table written from the published interface: not one number may drift. */
class ApiTableTest {
    private static final FileDescriptor API = Api.getDescriptor();

    @Test
    void everyMethodFieldAndEnumValueIsTheOneOfTheTable() throws IOException {
        assertThat(new TreeSet<>(render())).isEqualTo(new TreeSet<>(table()));
    }

    @Test
    void allFortyOneCallsAreThere() {
        assertThat(API.getServices().stream().mapToInt(s -> s.getMethods().size()).sum()).isEqualTo(41);
    }

    /** One line per fact, each with the name of what it belongs to, so that a difference reads by itself. */
    private static List<String> table() throws IOException {
        var lines = new java.util.ArrayList<String>();
        String owner = "";
        try (var in = ApiTableTest.class.getResourceAsStream("/cri-v1.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                boolean opens = line.startsWith("message ") || line.startsWith("service ");
                if (opens) {
                    owner = line;
                }
                lines.add(opens || line.startsWith("enum ") ? line : owner + " | " + line.strip());
            }
        }
        return lines;
    }

    private static List<String> render() {
        var lines = new java.util.ArrayList<String>();
        API.getServices().forEach(service -> renderService(service, lines));
        API.getMessageTypes().stream().filter(m -> !m.getOptions().getMapEntry()).forEach(m -> renderMessage(m, lines));
        API.getEnumTypes().forEach(e -> lines.add(renderEnum(e)));
        return lines;
    }

    private static void renderService(ServiceDescriptor service, List<String> lines) {
        String head = "service " + service.getName();
        lines.add(head);
        for (MethodDescriptor method : service.getMethods()) {
            lines.add("%s | rpc %s (%s) -> (%s%s)".formatted(head, method.getName(), method.getInputType().getFullName(),
                    method.isServerStreaming() ? "stream " : "", method.getOutputType().getFullName()));
        }
    }

    private static void renderMessage(Descriptor message, List<String> lines) {
        String head = "message " + message.getName();
        lines.add(head);
        message.getEnumTypes().forEach(e -> lines.add(renderEnum(e)));
        for (FieldDescriptor field : message.getFields()) {
            lines.add("%s | %d %s: %s%s".formatted(head, field.getNumber(), field.getName(), type(field), mark(field.getOptions())));
        }
    }

    private static String renderEnum(EnumDescriptor type) {
        String name = type.getContainingType() == null ? type.getName() : type.getContainingType().getName() + "." + type.getName();
        return "enum " + name + ": " + type.getValues().stream().map(v -> v.getName() + "=" + v.getNumber()).collect(Collectors.joining(", "));
    }

    private static String type(FieldDescriptor field) {
        if (field.isMapField()) {
            return "map<%s, %s>".formatted(plain(field.getMessageType().findFieldByName("key")), plain(field.getMessageType().findFieldByName("value")));
        }
        return (field.isRepeated() ? "repeated " : "") + plain(field);
    }

    private static String plain(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case MESSAGE -> field.getMessageType().getFullName();
            case ENUM -> field.getEnumType().getFullName();
            default -> field.getType().name().toLowerCase(java.util.Locale.ROOT);
        };
    }

    private static String mark(FieldOptions options) {
        if (options.getDebugRedact()) {
            return " [secret]";
        }
        return options.getDeprecated() ? " [deprecated]" : "";
    }
}
