package io.cairn.driver.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.cairn.driver.containerd.proto.containers.ContainersProto;
import io.cairn.driver.containerd.proto.content.ContentProto;
import io.cairn.driver.containerd.proto.diff.DiffProto;
import io.cairn.driver.containerd.proto.events.EventsProto;
import io.cairn.driver.containerd.proto.images.ImagesProto;
import io.cairn.driver.containerd.proto.introspection.IntrospectionProto;
import io.cairn.driver.containerd.proto.leases.LeasesProto;
import io.cairn.driver.containerd.proto.namespaces.NamespaceProto;
import io.cairn.driver.containerd.proto.runc.OciProto;
import io.cairn.driver.containerd.proto.snapshots.SnapshotsProto;
import io.cairn.driver.containerd.proto.taskevents.TaskEventsProto;
import io.cairn.driver.containerd.proto.tasks.TasksProto;
import io.cairn.driver.containerd.proto.types.DescriptorProto;
import io.cairn.driver.containerd.proto.types.EventProto;
import io.cairn.driver.containerd.proto.types.MountProto;
import io.cairn.driver.containerd.proto.task.TaskProto;
import io.cairn.driver.containerd.proto.version.VersionProto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the descriptors against a table of containerd's published interface: what is used of it is as it stands there. */
class ApiTableTest {
    private static final List<FileDescriptor> USED = List.of(ContainersProto.getDescriptor(), ContentProto.getDescriptor(),
            DiffProto.getDescriptor(), EventsProto.getDescriptor(), ImagesProto.getDescriptor(), IntrospectionProto.getDescriptor(),
            LeasesProto.getDescriptor(), NamespaceProto.getDescriptor(), OciProto.getDescriptor(), SnapshotsProto.getDescriptor(),
            TaskEventsProto.getDescriptor(), TasksProto.getDescriptor(), DescriptorProto.getDescriptor(), EventProto.getDescriptor(),
            MountProto.getDescriptor(), TaskProto.getDescriptor(), VersionProto.getDescriptor());

    @Test
    void everyMethodFieldAndEnumValueThatIsUsedIsInTheTable() throws IOException {
        List<String> rendered = USED.stream().flatMap(file -> render(file).stream()).toList();

        assertThat(rendered).hasSizeGreaterThan(250);
        assertThat(table()).containsAll(rendered);
    }

    /** One line per fact, each with the package and the name of what it belongs to, so that a difference reads by itself. */
    private static Set<String> table() throws IOException {
        var facts = new HashSet<String>();
        String file = "";
        String owner = "";
        try (var in = ApiTableTest.class.getResourceAsStream("/containerd-v1.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.startsWith("file ")) {
                    file = line.split(" ")[3] + " | ";
                } else if (line.startsWith("message ") || line.startsWith("service ")) {
                    owner = file + line;
                    facts.add(owner);
                } else if (line.startsWith("enum ")) {
                    facts.add(file + line);
                } else if (!line.isBlank()) {
                    facts.add(owner + " | " + line.strip());
                }
            }
        }
        return facts;
    }

    private static List<String> render(FileDescriptor file) {
        var facts = new ArrayList<String>();
        file.getServices().forEach(service -> renderService(service, facts));
        file.getMessageTypes().forEach(message -> renderMessage(message, facts));
        file.getEnumTypes().forEach(type -> facts.add(renderEnum(type)));
        return facts;
    }

    private static void renderService(ServiceDescriptor service, List<String> facts) {
        String head = service.getFile().getPackage() + " | service " + service.getName();
        facts.add(head);
        service.getMethods().forEach(method -> facts.add("%s | rpc %s (%s%s) -> (%s%s)".formatted(head, method.getName(),
                method.isClientStreaming() ? "stream " : "", method.getInputType().getFullName(),
                method.isServerStreaming() ? "stream " : "", method.getOutputType().getFullName())));
    }

    private static void renderMessage(Descriptor message, List<String> facts) {
        String packageName = message.getFile().getPackage();
        String head = packageName + " | message " + message.getFullName().substring(packageName.length() + 1);
        facts.add(head);
        message.getFields().forEach(field -> facts.add("%s | %d %s: %s".formatted(head, field.getNumber(), field.getName(), type(field))));
        message.getNestedTypes().stream().filter(nested -> !nested.getOptions().getMapEntry()).forEach(nested -> renderMessage(nested, facts));
    }

    private static String renderEnum(EnumDescriptor type) {
        return type.getFile().getPackage() + " | enum " + type.getName() + ": "
                + type.getValues().stream().map(v -> v.getName() + "=" + v.getNumber()).collect(Collectors.joining(", "));
    }

    private static String type(FieldDescriptor field) {
        if (field.isMapField()) {
            Descriptor entry = field.getMessageType();
            return "map<%s, %s>".formatted(plain(entry.findFieldByName("key")), plain(entry.findFieldByName("value")));
        }
        return (field.isRepeated() ? "repeated " : "") + plain(field);
    }

    private static String plain(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case MESSAGE -> field.getMessageType().getFullName();
            case ENUM -> field.getEnumType().getFullName();
            case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING -> field.getType().name().toLowerCase(Locale.ROOT);
        };
    }
}
