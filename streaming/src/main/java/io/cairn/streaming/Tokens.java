package io.cairn.streaming;

import io.vavr.control.Option;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.function.LongSupplier;

/** Single use keys of URLs. They are all that keeps other users of the host out, so they are long and live short. Thread-safe. */
final class Tokens {
    private static final int RANDOM_BYTES = 24;

    private final SecureRandom random = new SecureRandom();
    private final LongSupplier nanoTime;
    private final long lifeNanos;
    private final int tokensMax;
    /** The oldest first; all live equally long. */
    private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>();

    private record Entry(Endpoint endpoint, long bornNanos) {}

    Tokens(Duration life, int tokensMax, LongSupplier nanoTime) {
        this.lifeNanos = life.toNanos();
        this.tokensMax = tokensMax;
        this.nanoTime = nanoTime;
    }

    /** @return none when too many are unused */
    synchronized Option<String> issue(Endpoint endpoint) {
        dropExpired();
        if (entries.size() >= tokensMax) {
            return Option.none();
        }
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        entries.put(token, new Entry(endpoint, nanoTime.getAsLong()));
        return Option.some(token);
    }

    /** What a token stands for; from now on it stands for nothing. */
    synchronized Option<Endpoint> spend(String token) {
        dropExpired();
        return Option.of(entries.remove(token)).map(Entry::endpoint);
    }

    private void dropExpired() {
        long now = nanoTime.getAsLong();
        entries.values().removeIf(entry -> now - entry.bornNanos() >= lifeNanos);
    }
}
