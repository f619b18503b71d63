package io.cairn.crash.points;

import io.cairn.app.DaemonConfig;
import io.cairn.app.config.ConfigLoader;
import io.cairn.core.daemon.Daemon;
import io.cairn.core.daemon.DaemonOptions;
import io.cairn.core.daemon.Parts;
import io.cairn.core.domain.State;
import io.cairn.core.engine.Clock;
import io.cairn.core.recovery.Replay.Replayed;
import io.cairn.crash.points.Points.Point;
import io.cairn.crash.points.inside.DaemonLife;
import io.cairn.journal.StateLock;
import io.cairn.journal.Verifier;
import io.cairn.journal.VerifyReport;
import io.cairn.testkit.TestNode;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What there is at each point of a recovery, as a death there would leave it: the world, and a copy of the journal and the projection. Each of
 * these is opened as a start opens it, and must be whole and good then. Where that comes to the same state, and the world is the same, a start
 * goes on in the same way: what it does is decided by the state alone, and read from the world.
 */
final class Moments implements AutoCloseable {
    /** What these do is seen in the {@link World}, in the journal or in the projection, or only makes them last. */
    private static final Set<String> SEEN = Set.of("append", "apply", "build", "copy", "createDirectories", "createDirectory", "createFile", "createLink",
            "createSymbolicLink", "createTempDirectory", "delete", "deleteIfExists", "destroyDB", "fallocate", "fchmod", "fchmodat", "fchown", "fchownat",
            "fdatasync", "flush", "force", "fsync", "ftruncate", "futimens", "ingestExternalFile", "linkat", "mkdir", "mkdirat", "mknodat", "mount", "move",
            "open", "openat", "pwrite", "renameat", "setLastModifiedTime", "setPosixFilePermissions", "symlinkat", "sync", "syncfs", "truncate", "umount2",
            "unlinkat", "utimensat", "writeBytes");
    private static final List<String> PARTS = List.of("journal", "projection", "lock");

    private final TestNode node;
    private final boolean isUnnamed;
    private final DaemonOptions options;
    private final Path directory;
    /** Processes of others, that were there before the recovery. */
    private final Set<String> others;
    private final List<Taken> taken = new ArrayList<>();
    /** The copy that was made last. */
    private Optional<Copy> last = Optional.empty();
    /** How often since the first point something may have changed that nobody sees. */
    private int unseen;
    private boolean didUnseen;
    private boolean wrote;
    private Optional<Exception> failure = Optional.empty();

    private record Taken(Point point, boolean quiet, int unseen, World world, List<String> alike, Path copy) {}

    private record Kind(World world, int unseen, State state) {}

    /**
     * A point of a recovery.
     *
     * @param kind equal where all is equal; {@link #AS_BEFORE} where all is as the death before left it
     * @param alike equal where all is equal in two recoveries in the same step; only as long as nothing has a name of its own
     */
    record Moment(Point point, int kind, Optional<String> alike) {
        static final int AS_BEFORE = 0;
    }

    /** @param isUnnamed nothing was asked for yet */
    Moments(TestNode node, boolean isUnnamed) throws IOException {
        this.node = node;
        this.isUnnamed = isUnnamed;
        this.options = DaemonConfig.daemon(ConfigLoader.load(Option.some(node.config())).get().config());
        this.others = World.others(node);
        this.directory = Files.createTempDirectory(node.root().getParent(), "moments-");
    }

    /** Where nobody has looked, no two are known to be equal. */
    static List<Moment> each(List<Point> points) {
        var moments = new ArrayList<Moment>();
        points.forEach(point -> moments.add(new Moment(point, Moment.AS_BEFORE + 1 + moments.size(), Optional.empty())));
        return moments;
    }

    /** Looks at a point of the recovery; what fails is told by {@link #judged}, and not to the life that is looked at. */
    void take(Point point, boolean counts, boolean quiet) {
        try {
            if (counts) {
                take(point, quiet && !point.site().endsWith(" has begun"));
            }
            String effect = point.site().replaceFirst(".*→ ", "").replaceFirst(" #\\d+$", "");
            boolean writes = effect.equals("write");
            wrote |= writes && !point.site().startsWith("Projection.") && !point.site().startsWith("BulkLoad.");
            didUnseen |= !writes && !SEEN.contains(effect);
        } catch (IOException | RuntimeException e) {
            failure = failure.or(() -> Optional.of(e));
        }
    }

    /** What was written where the world shows nothing of it went into the kernel. */
    private void take(Point point, boolean quiet) throws IOException {
        World world = World.of(node, others);
        boolean isSame = !taken.isEmpty() && taken.getLast().world().equals(world);
        unseen += didUnseen || wrote && isSame ? 1 : 0;
        didUnseen = false;
        wrote = false;
        List<String> alike = isSame ? taken.getLast().alike() : isUnnamed ? World.alike(node, others) : List.of();
        taken.add(new Taken(point, quiet, unseen, isSame ? taken.getLast().world() : world, alike, copy()));
    }

    /** Where it lies; where the one before does when it is the same. */
    private Path copy() throws IOException {
        Optional<Copy> copy = Copy.of(node.root().resolve("state"), PARTS);
        while (copy.isEmpty()) {
            copy = Copy.of(node.root().resolve("state"), PARTS);
        }
        if (last.isPresent() && last.get().isSameAs(copy.get())) {
            return taken.getLast().copy();
        }
        last = copy;
        return copy.get().writeTo(directory.resolve(Integer.toString(taken.size())));
    }

    /** Opens every copy, and says which moments are the same. */
    List<Moment> judged() throws Exception {
        if (failure.isPresent()) {
            throw failure.get();
        }
        var kinds = new HashMap<Object, Integer>();
        var states = new HashMap<Path, State>();
        var moments = new ArrayList<Moment>();
        for (Taken moment : taken) {
            if (!states.containsKey(moment.copy())) {
                states.put(moment.copy(), opened(moment));
            }
            State state = states.get(moment.copy());
            Object kind = moment.quiet() ? new Kind(moment.world(), moment.unseen(), state) : moment;
            kinds.putIfAbsent(kind, kinds.size());
            moments.add(new Moment(moment.point(), kinds.get(kind), moment.quiet() && isUnnamed ? alike(moment, state) : Optional.empty()));
        }
        return moments;
    }

    private Optional<String> alike(Taken moment, State state) {
        if (!state.sandboxes().isEmpty() || !state.containers().isEmpty() || !state.images().isEmpty() || !state.pulls().isEmpty()) {
            return Optional.empty();
        }
        MessageDigest digest = sha256();
        moment.alike().forEach(line -> digest.update(line.getBytes(StandardCharsets.ISO_8859_1)));
        return Optional.of(HexFormat.of().formatHex(digest.digest(World.common(node, state.toString()).getBytes(StandardCharsets.UTF_8))));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The state a start has once it has read what is there; epochs are only counted. All of the journal must be good, and the rows the state's. */
    private State opened(Taken moment) throws Exception {
        Path copy = moment.copy();
        var held = new ArrayDeque<AutoCloseable>();
        var here = new DaemonOptions(copy, options.runDirectory(), options.socket(), options.messageBytesMax(), DaemonLife.JOURNAL, options.access(),
                options.retention(), options.streaming(), options.defaultDriver(), options.driverSettings(), options.handlers(), options.images(),
                options.bootIdFile(), options.version());
        StateLock lock = StateLock.acquire(copy);
        held.push(lock);
        Replayed replayed = Parts.ground(here, lock, Clock.SYSTEM, held).replayed();
        State rows = replayed.projection().load();
        for (AutoCloseable part : held) {
            part.close();
        }
        VerifyReport journal = Verifier.verify(Daemon.journalDirectory(copy));
        if (!journal.good() || !rows.withEpoch(0, "").equals(replayed.state().withEpoch(0, ""))) {
            throw new AssertionError("dead again at %s: expected to find all as it was written, but %s, the state is %s, and the rows are %s".formatted(
                    moment.point(), journal, replayed.state(), rows));
        }
        return replayed.state().withEpoch(0, replayed.state().bootId());
    }

    @Override
    public void close() throws IOException {
        Copy.delete(directory);
    }
}
