package io.cairn.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.linux.FileStat;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Tree;
import java.io.IOException;

/**
 * Who owns the files of a snapshot on this machine, where that is not who owns them in the image: the users of a pod with a user
 * namespace of its own (user_namespaces(7)). An id beyond the range has no owner inside, and is left as it is.
 *
 * @param firstUid what the image's user 0 is here, 0 to 2^32-2
 * @param uids how many users there are, at least 1
 * @param firstGid likewise for groups
 */
public record Owners(long firstUid, long uids, long firstGid, long gids) {
    private static final long IDS = 0xffff_ffffL;

    public Owners {
        if (firstUid < 0 || firstGid < 0 || uids < 1 || gids < 1 || firstUid + uids > IDS || firstGid + gids > IDS) {
            throw new IllegalArgumentException("Expected ranges of ids within 0 to 2^32-2, but they are %d+%d and %d+%d"
                    .formatted(firstUid, uids, firstGid, gids));
        }
    }

    /** Gives a directory to whom one of the image belongs. */
    public void give(Tree directory, FileStat inImage) throws LinuxException {
        directory.chown(uid(inImage), gid(inImage));
    }

    int uid(FileStat inImage) {
        return shifted(inImage.uid(), firstUid, uids);
    }

    int gid(FileStat inImage) {
        return shifted(inImage.gid(), firstGid, gids);
    }

    private static int shifted(int id, long first, long count) {
        long unsigned = Integer.toUnsignedLong(id);
        return unsigned < count ? (int) (first + unsigned) : id;
    }

    void write(ObjectNode node) {
        node.putObject("owners").put("firstUid", firstUid).put("uids", uids).put("firstGid", firstGid).put("gids", gids);
    }

    static Owners read(JsonNode node) throws IOException {
        try {
            return new Owners(number(node, "firstUid"), number(node, "uids"), number(node, "firstGid"), number(node, "gids"));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static long number(JsonNode node, String name) throws IOException {
        JsonNode value = node.path(name);
        if (!value.canConvertToLong() || !value.isIntegralNumber()) {
            throw new IOException("Expected owners.%s to be a number, but it is %.80s".formatted(name, value));
        }
        return value.longValue();
    }
}
