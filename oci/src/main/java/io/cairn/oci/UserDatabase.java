package io.cairn.oci;

import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;

/**
 * The users and groups of an image: /etc/passwd (passwd(5)) and /etc/group (group(5)) of its root file system.
 *
 * <p>The files come from the image and are hostile: a line that does not parse is passed over, as libc does, so that it can
 * neither stop a container nor name a user; a file past its bound is refused whole. As in libc the first match counts.
 */
public final class UserDatabase {
    /** Larger than the user database of any image seen in the field. */
    public static final int MAX_FILE_BYTES = 1 << 20;

    private static final int MAX_LINE_CHARS = 64 << 10;
    private static final UserDatabase EMPTY = new UserDatabase(List.empty(), List.empty());

    /** Highest id the CRI and Kubernetes accept; (uid_t) -1 means "no change" to the kernel, so not all 32 bits are usable. */
    static final long MAX_ID = Integer.MAX_VALUE;

    record User(String name, long uid, long gid) {}

    record Group(String name, long gid, List<String> members) {}

    private final List<User> users;
    private final List<Group> groups;

    private UserDatabase(List<User> users, List<Group> groups) {
        this.users = users;
        this.groups = groups;
    }

    /** An image without users: numeric ids still work. */
    public static UserDatabase empty() {
        return EMPTY;
    }

    /**
     * @param passwd content of /etc/passwd, empty when there is none
     * @param group content of /etc/group, empty when there is none
     * @return InvalidImage when one is larger than {@link #MAX_FILE_BYTES}
     */
    public static Either<SpecProblem, UserDatabase> parse(byte[] passwd, byte[] group) {
        return Refused.catching(() -> new UserDatabase(
                lines(passwd, "/etc/passwd").flatMap(UserDatabase::user), lines(group, "/etc/group").flatMap(UserDatabase::group)));
    }

    private static List<String> lines(byte[] bytes, String file) throws Refused {
        if (bytes.length > MAX_FILE_BYTES) {
            throw Refused.image("Expected %s of the image to have at most %d bytes, but it has %d", file, MAX_FILE_BYTES, bytes.length);
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        return List.of(text.split("\n", -1)).filter(line -> line.length() <= MAX_LINE_CHARS && line.indexOf('\0') < 0);
    }

    private static Option<User> user(String line) {
        String[] fields = line.split(":", -1);
        if (fields.length < 4 || fields[0].isEmpty()) {
            return Option.none();
        }
        return id(fields[2]).flatMap(uid -> id(fields[3]).map(gid -> new User(fields[0], uid, gid)));
    }

    private static Option<Group> group(String line) {
        String[] fields = line.split(":", -1);
        if (fields.length < 3 || fields[0].isEmpty()) {
            return Option.none();
        }
        List<String> members = fields.length > 3 ? List.of(fields[3].split(",")).map(String::strip) : List.empty();
        return id(fields[2]).map(gid -> new Group(fields[0], gid, members.filter(m -> !m.isEmpty())));
    }

    /** Decimal digits only, within the ids that can be used: signs, spaces and leading plus are not numbers here. */
    static Option<Long> id(String text) {
        if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Option.none();
        }
        return Option.some(Long.parseLong(text)).filter(id -> id <= MAX_ID);
    }

    Option<User> userNamed(String name) {
        return users.find(u -> u.name().equals(name));
    }

    Option<User> userWithId(long uid) {
        return users.find(u -> u.uid() == uid);
    }

    Option<Group> groupNamed(String name) {
        return groups.find(g -> g.name().equals(name));
    }

    /** Ids of the groups that list the user, in the order of the file. */
    List<Long> groupsOf(String user) {
        return groups.filter(g -> g.members().contains(user)).map(Group::gid).distinct();
    }
}
