package io.cairn.core.cri;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Programs;
import io.cairn.core.sim.Rng;
import io.cairn.proto.cri.ImageServiceGrpc;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile messages to every call of both services, found by their descriptors, and bytes that are no message: each is answered with a
 * status that tells nothing of our insides, and the daemon serves on as before.
 */
class CriFuzzTest {
    private static final int ROUNDS = Integer.getInteger("cairn.fuzz", 25);
    private static final int DEPTH_MAX = 5;
    private static final List<String> HOSTILE = List.of("", "\u0000", "../../../../etc/shadow", "/", "//", "a/../../b", "%s%n%x", "\n\r\t",
            "$(reboot)", "'; DROP TABLE pods; --", "\uD83D\uDE00", "\u202Eevil", "x".repeat(5_000), "-1", "sha256:" + "0".repeat(64), "::1",
            "docker.io/library/app", "app", "..", "a\u001b[2Jb", "NaN");
    private static final List<Long> NUMBERS = List.of(0L, 1L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, (long) Integer.MIN_VALUE, 65_536L, 42L);

    @TempDir(factory = InMemory.class) Path temp;

    private final Rng rng = Rng.printed("cri fuzz");
    private final List<String> ids = new ArrayList<>();
    private CriFixture cri;

    @BeforeEach
    void start() throws Exception {
        cri = new CriFixture(temp);
        cri.pull("app");
        String pod = cri.run("p");
        ids.addAll(List.of(pod, cri.running(pod, "c", Programs.SLEEP), cri.create(pod, "created", Programs.SLEEP)));
    }

    @AfterEach
    void end() throws Exception {
        cri.close();
    }

    @Test
    void everyCallAnswersHostileMessagesWithAStatusAndServesOn() throws Exception {
        int calls = 0;
        for (MethodDescriptor<?, ?> method : methods()) {
            for (int round = 0; round < ROUNDS; round++) {
                byte[] request = rng.oneIn(10) ? noise() : message(prototype(method), DEPTH_MAX).toByteArray();
                assertTellsNothing(method, ask(method, request));
                calls++;
            }
        }
        assertThat(calls).isEqualTo(methods().size() * ROUNDS);
        assertThat(cri.halts).isEmpty();
        assertThat(cri.world.violations()).isEmpty();
        cri.pull("app");
        cri.running(cri.run("still-served"), "c", Programs.SLEEP);
    }

    @Test
    void bothServicesAreCoveredWhole() {
        assertThat(methods()).hasSize(RuntimeServiceGrpc.getServiceDescriptor().getMethods().size()
                + ImageServiceGrpc.getServiceDescriptor().getMethods().size()).hasSizeGreaterThan(40);
    }

    private static List<MethodDescriptor<?, ?>> methods() {
        return Stream.of(RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor())
                .<MethodDescriptor<?, ?>>flatMap(service -> service.getMethods().stream()).toList();
    }

    private static Message prototype(MethodDescriptor<?, ?> method) {
        var type = ((ProtoMethodDescriptorSupplier) method.getSchemaDescriptor()).getMethodDescriptor().getInputType();
        return DynamicMessage.getDefaultInstance(type);
    }

    /** An internal error is a fault of ours, whatever was sent. */
    private static void assertTellsNothing(MethodDescriptor<?, ?> method, Status status) {
        assertThat(status.getCode()).as("%s answers %s", method.getFullMethodName(), status).isNotEqualTo(Status.Code.INTERNAL);
        String told = String.valueOf(status.getDescription());
        assertThat(told).as(method.getFullMethodName()).hasSizeLessThan(2_000).doesNotContain("\tat ", "Exception:", ".java:");
    }

    private Status ask(MethodDescriptor<?, ?> method, byte[] request) throws Exception {
        var status = new CompletableFuture<Status>();
        var raw = MethodDescriptor.<byte[], byte[]>newBuilder().setType(method.getType()).setFullMethodName(method.getFullMethodName())
                .setRequestMarshaller(new Raw()).setResponseMarshaller(new Raw()).build();
        ClientCall<byte[], byte[]> call = cri.channel().newCall(raw, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS));
        call.start(new ClientCall.Listener<>() {
            @Override
            public void onMessage(byte[] message) {
                if (method.getBareMethodName().equals("GetContainerEvents")) {
                    // It would go on for ever.
                    call.cancel("enough", null);
                }
            }

            @Override
            public void onClose(Status end, Metadata trailers) {
                status.complete(end);
            }
        }, new Metadata());
        call.sendMessage(request);
        call.halfClose();
        call.request(1_000);
        Status end = status.get(60, TimeUnit.SECONDS);
        assertThat(end.getCode()).as("%s is answered in time", method.getFullMethodName()).isNotEqualTo(Status.Code.DEADLINE_EXCEEDED);
        return end;
    }

    private byte[] noise() {
        byte[] bytes = new byte[rng.below(200)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) rng.below(256);
        }
        return bytes;
    }

    private Message message(Message prototype, int depth) {
        var builder = prototype.newBuilderForType();
        for (FieldDescriptor field : prototype.getDescriptorForType().getFields()) {
            if (rng.oneIn(3) || depth == 0) {
                continue;
            }
            if (field.isRepeated()) {
                int entries = rng.oneIn(20) ? 200 : rng.below(3);
                for (int i = 0; i < entries; i++) {
                    builder.addRepeatedField(field, value(builder, field, depth));
                }
            } else {
                builder.setField(field, value(builder, field, depth));
            }
        }
        return builder.build();
    }

    private Object value(Message.Builder builder, FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case STRING -> text(field);
            case BYTE_STRING -> ByteString.copyFrom(noise());
            case BOOLEAN -> rng.oneIn(2);
            case INT -> number(field).intValue();
            case LONG -> number(field);
            case FLOAT -> Float.NaN;
            case DOUBLE -> Double.NEGATIVE_INFINITY;
            case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown(rng.oneIn(3) ? 4_711 : rng.below(5));
            case MESSAGE -> message(builder.newBuilderForField(field).build(), depth - 1);
        };
    }

    /** A stop with the longest grace would be waited for, as it should. */
    private Long number(FieldDescriptor field) {
        return field.getName().equals("timeout") ? -(long) rng.below(2) : rng.pick(NUMBERS);
    }

    private String text(FieldDescriptor field) {
        boolean id = field.getName().endsWith("id");
        return id && rng.oneIn(2) ? rng.pick(ids) : rng.pick(HOSTILE);
    }
}
