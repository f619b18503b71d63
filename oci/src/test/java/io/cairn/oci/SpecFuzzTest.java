package io.cairn.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.PodSandboxConfig;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any request a client can put on the wire is answered with a spec that holds the promises, or with a reason. */
class SpecFuzzTest {
    private static final List<String> TEXTS = List.of(
            "", "/", "..", "/..", "/a/../../b", "a\0b", "/a//b/.", "/data", "ALL", "NET_ADMIN", "cap_kill", "localhost/x",
            "runtime/default", "/\uD800",
            "x".repeat(5000), "é\uD800", "0-3", "2MB", "root", "app", "rwm", "/dev/null", "%s%n", "A=B", "s0:c1,c2", "memory.high");
    private static final List<Long> NUMBERS = List.of(0L, 1L, -1L, 2L, 1000L, -1000L, 1L << 31, 1L << 40, Long.MIN_VALUE, Long.MAX_VALUE);

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    /** Fields are set rarely, so that some requests are nearly right and get far. */
    private void fill(Message.Builder builder, int depth, int rarity) {
        for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
            if (field.isMapField() || random.nextInt(rarity) > 0 || depth > 6) {
                continue;
            }
            if (field.isRepeated()) {
                for (int i = random.nextInt(3); i > 0; i--) {
                    builder.addRepeatedField(field, value(builder, field, depth, rarity));
                }
            } else {
                builder.setField(field, value(builder, field, depth, rarity));
            }
        }
    }

    private Object value(Message.Builder parent, FieldDescriptor field, int depth, int rarity) {
        return switch (field.getJavaType()) {
            case STRING -> text();
            case BOOLEAN -> random.nextInt(4) == 0;
            case INT -> (int) (long) pick(NUMBERS);
            case LONG -> pick(NUMBERS);
            case ENUM -> oneOf(field.getEnumType());
            case MESSAGE -> {
                Message.Builder child = parent.newBuilderForField(field);
                fill(child, depth + 1, rarity);
                yield child.build();
            }
            case FLOAT, DOUBLE, BYTE_STRING -> throw new AssertionError("no such field in a config: " + field);
        };
    }

    private Object oneOf(EnumDescriptor type) {
        boolean foreign = random.nextInt(10) == 0;
        return foreign ? type.findValueByNumberCreatingIfUnknown(99) : type.getValues().get(random.nextInt(type.getValues().size()));
    }

    /** Protobuf holds no lone surrogates on the wire, but a builder in memory does. */
    private String text() {
        return pick(TEXTS);
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private SpecRequest request(int rarity) {
        var config = Fixtures.container();
        var pod = Fixtures.pod();
        fill(config, 0, rarity);
        fill(pod, 0, rarity + 1);
        if (random.nextBoolean()) {
            config.clearCDIDevices();
        }
        ContainerConfig built = config.build();
        PodSandboxConfig sandbox = pod.build();
        var image = new ImageConfig(
                List.of(text(), "A=" + text()), List.of("/bin/x"), List.of(text()), Option.of(text()),
                Option.of(text()), Option.of(text()), LinkedHashMap.empty());
        return SpecRequest.of("c1", "p1", built, sandbox, image, Path.of("rootfs"),
                        PodNamespaces.of(Fixtures.NET, Fixtures.IPC, Fixtures.UTS), pick(List.of(CgroupDriver.values())), Fixtures.node())
                .withUsers(Fixtures.users())
                .withHostMounts(path -> Option.some(new MountTable.Row(path, random.nextBoolean(), random.nextBoolean())))
                .withSeccompProfile("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void anyRequestIsBuiltOrRefusedAndNeverThrows() {
        int built = 0;
        int refused = 0;
        for (int round = 0; round < 4000; round++) {
            SpecRequest request = request(2 + random.nextInt(20));
            Either<SpecProblem, BuiltSpec> result;
            try {
                result = SpecBuilder.build(request);
            } catch (RuntimeException e) {
                throw new AssertionError("seed %d round %d: %s".formatted(seed, round, request.config()), e);
            }
            if (result.isLeft()) {
                refused++;
                assertThat(result.getLeft().message()).as("seed %d round %d", seed, round).startsWith("Expected").hasSizeLessThan(10_000);
            } else {
                built++;
                promises(result.get().spec(), round);
            }
        }
        assertThat(built).as("seed %d: some must get through", seed).isGreaterThan(100);
        assertThat(refused).as("seed %d: some must not", seed).isGreaterThan(100);
    }

    private void promises(OciSpec spec, int round) {
        String where = "seed %d round %d".formatted(seed, round);
        OciSpec.Process process = spec.process().get();
        assertThat(spec.mounts().map(OciSpec.Mount::destination)).as(where).allMatch(d -> d.startsWith("/") && d.length() > 1
                && !(d + "/").contains("/../"));
        assertThat(process.args().appendAll(process.env())).as(where).noneMatch(text -> text.indexOf('\0') >= 0);
        assertThat(process.capabilities().get().effective()).as(where).allMatch(CapabilityNames.BY_NUMBER::contains);
        assertThat(process.oomScoreAdj().get()).as(where).isBetween(-1000, 1000);
        assertThat(process.user().uid()).as(where).isBetween(0L, (1L << 31) - 1);
        assertThat(spec.linux().cgroupsPath().get()).as(where).doesNotContain("..").endsWith("c1");
        assertThat(OciSpec.parse(spec.toJson()).get().linux()).as(where).isEqualTo(spec.linux());
    }
}
