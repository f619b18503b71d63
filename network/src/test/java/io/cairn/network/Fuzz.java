package io.cairn.network;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Consumer;

/** Damages a good text in many ways; prints the seed, and names it when a case fails. */
final class Fuzz {
    private static final String[] WORDS = {
        "null", "true", "-1", "1e999", "\"\"", "[]", "{}", "[[", "{\"a\":", "\u0000", "\ud800", "9223372036854775808",
        "\"0.0.0.0/0\"", "\"::/129\"", "\"plugins\"", "\"type\"", "\"1.1.0\"", "\\u0000", "\"%s\""};

    private Fuzz() {}

    static void mutations(String good, int count, Consumer<byte[]> check) {
        long seed = Long.getLong("cairn.fuzz.seed", System.nanoTime());
        System.out.println("cairn.fuzz.seed=" + seed);
        var random = new Random(seed);
        for (int i = 0; i < count; i++) {
            byte[] bytes = good.getBytes(StandardCharsets.UTF_8);
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes = mutate(bytes, random);
            }
            try {
                check.accept(bytes);
            } catch (RuntimeException | AssertionError e) {
                String text = new String(bytes, StandardCharsets.UTF_8);
                throw new AssertionError("cairn.fuzz.seed=%d, case %d: %s".formatted(seed, i, text), e);
            }
        }
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        int from = random.nextInt(bytes.length + 1);
        int to = Math.min(bytes.length, from + random.nextInt(12));
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        switch (random.nextInt(4)) {
            case 0 -> out.write(random.nextInt(256));
            case 1 -> out.writeBytes(WORDS[random.nextInt(WORDS.length)].getBytes(StandardCharsets.UTF_8));
            case 2 -> {
                out.write(bytes, from, to - from);
                to = from;
            }
            default -> {
                int other = random.nextInt(bytes.length + 1);
                out.write(bytes, other, Math.min(bytes.length - other, random.nextInt(30)));
            }
        }
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
