package io.cairn.journal;

/**
 * Sizes of a journal.
 *
 * @param maxPayloadBytes largest payload, 1 to {@link #MAX_PAYLOAD_BYTES}
 * @param epochBytes an epoch that has reached this size is rolled, 4 KiB to 1 GiB
 * @param reserveBytes blocks kept reserved ahead of the last record, 64 KiB to 64 MiB. A new epoch takes this much disk;
 *     {@link Journal#appendEssential} may use it up
 * @param floorBytes free bytes below which {@link Journal#append} refuses, from 0
 * @param maxTotalBytes whenever an epoch begins, the oldest are deleted until the sealed ones fit into this; 0 for no limit
 */
public record JournalOptions(int maxPayloadBytes, long epochBytes, long reserveBytes, long floorBytes, long maxTotalBytes) {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    /** A gRPC message of 16 MiB, which is the most the kubelet sends, and an envelope around it. */
    public static final int MAX_PAYLOAD_BYTES = 16 * MIB + 64 * KIB;

    public JournalOptions {
        requireWithin("maxPayloadBytes", maxPayloadBytes, 1, MAX_PAYLOAD_BYTES);
        requireWithin("epochBytes", epochBytes, 4 * KIB, 1 << 30);
        requireWithin("reserveBytes", reserveBytes, 64 * KIB, 64 * MIB);
        requireWithin("floorBytes", floorBytes, 0, Long.MAX_VALUE);
        requireWithin("maxTotalBytes", maxTotalBytes, 0, Long.MAX_VALUE);
    }

    /** Payloads up to the limit, epochs of 32 MiB, 1 MiB reserved, a floor of 64 MiB, no limit in total. */
    public static JournalOptions defaults() {
        return new JournalOptions(MAX_PAYLOAD_BYTES, 32 * MIB, MIB, 64 * MIB, 0);
    }

    public JournalOptions withMaxPayloadBytes(int bytes) {
        return new JournalOptions(bytes, epochBytes, reserveBytes, floorBytes, maxTotalBytes);
    }

    public JournalOptions withEpochBytes(long bytes) {
        return new JournalOptions(maxPayloadBytes, bytes, reserveBytes, floorBytes, maxTotalBytes);
    }

    public JournalOptions withReserveBytes(long bytes) {
        return new JournalOptions(maxPayloadBytes, epochBytes, bytes, floorBytes, maxTotalBytes);
    }

    public JournalOptions withFloorBytes(long bytes) {
        return new JournalOptions(maxPayloadBytes, epochBytes, reserveBytes, bytes, maxTotalBytes);
    }

    public JournalOptions withMaxTotalBytes(long bytes) {
        return new JournalOptions(maxPayloadBytes, epochBytes, reserveBytes, floorBytes, bytes);
    }

    private static void requireWithin(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("Expected %s from %d to %d, but got %d".formatted(name, least, most, value));
        }
    }
}
