package io.cairn.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.Json;
import io.cairn.linux.FileStat;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Tree;
import io.cairn.linux.TreeWalk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * What is known of an unpacked layer; written as the last thing into its directory.
 *
 * @param isRootOpaque nothing of the layers below it is to be seen
 * @param entries files, directories and all else in it
 * @param diskBytes what they take on disk
 * @param fingerprint changes when an entry is lost, added, renamed, truncated, or changes owner, mode or time. It does not
 *     see bits that flip inside a file
 */
record LayerInfo(Digest chainId, Digest diffId, boolean isRootOpaque, long entries, long diskBytes, long fingerprint) {
    private static final int VERSION = 1;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final JsonMapper MAPPER = new JsonMapper();

    /** Looks at every entry below a layer's root. */
    static LayerInfo measure(Digest chainId, Digest diffId, boolean isRootOpaque, Path fs) throws LinuxException {
        var sum = new Object() {
            long entries;
            long diskBytes;
            long fingerprint;
        };
        Set<Long> counted = new HashSet<>();
        TreeWalk.visit(Tree.open(fs), (path, stat) -> {
            sum.entries++;
            sum.fingerprint += hash(path, stat);
            if (stat.links() == 1 || stat.isDirectory() || counted.add(stat.inode())) {
                sum.diskBytes += stat.allocatedBytes();
            }
        });
        return new LayerInfo(chainId, diffId, isRootOpaque, sum.entries, sum.diskBytes, sum.fingerprint);
    }

    /** FNV-1a; summed over all entries, as directories have no order. */
    private static long hash(byte[] path, FileStat stat) {
        long hash = FNV_OFFSET;
        for (byte b : path) {
            hash = (hash ^ Byte.toUnsignedInt(b)) * FNV_PRIME;
        }
        long size = stat.isDirectory() ? 0 : stat.sizeBytes();
        long time = stat.isDirectory() ? 0 : stat.modifiedSeconds();
        for (long field : new long[] {stat.mode(), stat.uid(), stat.gid(), size, time, stat.specialMajor(), stat.specialMinor()}) {
            hash = (hash ^ field) * FNV_PRIME;
            hash ^= hash >>> 32;
        }
        return hash;
    }

    byte[] toJson() throws IOException {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("version", VERSION);
        node.put("chainId", chainId.toString());
        node.put("diffId", diffId.toString());
        node.put("isRootOpaque", isRootOpaque);
        node.put("entries", entries);
        node.put("diskBytes", diskBytes);
        node.put("fingerprint", Long.toHexString(fingerprint));
        return MAPPER.writeValueAsBytes(node);
    }

    /** @throws IOException when it is not what {@link #toJson} wrote */
    static LayerInfo fromJson(byte[] content) throws IOException {
        JsonNode node = Json.read(content);
        var chainId = Digest.parse(node.path("chainId").asText(""));
        var diffId = Digest.parse(node.path("diffId").asText(""));
        if (node.path("version").asInt() != VERSION || chainId.isLeft() || diffId.isLeft()) {
            throw new IOException("Expected the description of a layer, version %d, but found something else".formatted(VERSION));
        }
        try {
            return new LayerInfo(chainId.get(), diffId.get(), node.path("isRootOpaque").asBoolean(), node.path("entries").asLong(-1),
                    node.path("diskBytes").asLong(-1), Long.parseUnsignedLong(node.path("fingerprint").asText(""), 16));
        } catch (NumberFormatException e) {
            throw new IOException("Expected a fingerprint in the description of a layer, but found something else", e);
        }
    }
}
