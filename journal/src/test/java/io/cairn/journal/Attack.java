package io.cairn.journal;

import io.cairn.journal.FrameReader.Step;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Edits a data file as someone would who knows the format and owns the disk. */
final class Attack {
    private Attack() {}

    /** Begin and end of each record's excerpt, its four-byte header included, its padding not. */
    static List<long[]> excerptRanges(EpochFiles epoch) throws IOException {
        var ranges = new ArrayList<long[]>();
        try (EpochWalk walk = EpochWalk.open(epoch, Option.none())) {
            while (walk.next() instanceof Step.Found(Frame frame, long end)) {
                int length = Frame.HEADER_BYTES + frame.payload().length;
                long start = end - FrameReader.excerptBytes(length);
                ranges.add(new long[] {start, start + FrameReader.EXCERPT_HEADER_BYTES + length});
            }
        }
        return ranges;
    }

    /** The frames of an epoch, as bytes. */
    static List<byte[]> frames(EpochFiles epoch) throws IOException {
        byte[] data = Files.readAllBytes(epoch.data());
        var frames = new ArrayList<byte[]>();
        for (long[] range : excerptRanges(epoch)) {
            frames.add(Arrays.copyOfRange(data, (int) range[0] + FrameReader.EXCERPT_HEADER_BYTES, (int) range[1]));
        }
        return frames;
    }

    /** Writes other frames in the place of the ones that are there. */
    static void replace(EpochFiles epoch, List<byte[]> frames) throws IOException {
        byte[] data = Files.readAllBytes(epoch.data());
        int start = (int) excerptRanges(epoch).getFirst()[0];
        int length = start + Long.BYTES;
        for (byte[] frame : frames) {
            length += (int) FrameReader.excerptBytes(frame.length);
        }
        ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN).put(data, 0, start);
        for (byte[] frame : frames) {
            int at = out.position();
            out.putInt(frame.length).put(frame).position(at + (int) FrameReader.excerptBytes(frame.length));
        }
        Files.write(epoch.data(), out.array());
    }

    /** The same frame with another payload and a checksum that fits. */
    static byte[] rewritten(byte[] frame, byte[] payload) {
        Frame old = Frame.decode(frame, 0, frame.length).get();
        return Frame.encode(old.sequence(), old.tag(), old.unsynced(), old.previousHash(), payload);
    }
}
