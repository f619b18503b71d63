package io.cairn.crash.points;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The points of one life of the runtime: before each of its effects, which is after the one before, and once more when a process has
 * been begun, since that runs on. At the chosen one the life is dead: that effect and every later one, whichever of its threads
 * tries, is a {@link Crash} instead. Thread-safe.
 *
 * <p>A life is known by its threads: whoever begins it carries it, and so does every thread that comes of it.
 */
public final class Points {
    private static final int O_CREAT = 0100;
    /** The watch of a driver of this host, which has the driver's name. */
    private static final Pattern WATCH = Pattern.compile("cairn-[a-z]+-watch");
    /** What these do comes by what containers write, and in the course of calls that wait for it. */
    private static final Pattern OUTPUT = Pattern.compile("cairn-output-[0-9]+");
    /** The access journal: only a whole daemon has one, which goes through the same places as the event journal, meanwhile. */
    private static final Pattern ACCESS = Pattern.compile("cairn-access(-opening)?");
    private static final InheritableThreadLocal<Points> LIFE = new InheritableThreadLocal<>();

    private final Map<String, Integer> counts = new HashMap<>();
    private final List<Point> passed = new ArrayList<>();
    private final CompletableFuture<Point> death = new CompletableFuture<>();
    private final Dying dying;
    private Optional<Point> target = Optional.empty();
    private Observer observer = Observer.NONE;
    private int under;
    private final Course calls = new Course("");
    private final Course watch = new Course("watch: ");
    private final Course output = new Course("output: ");
    private final Course access = new Course("access: ");

    /** Looks on at every point in the course of calls, while the life stands still there. */
    interface Observer {
        Observer NONE = (point, counts, quiet) -> {};

        /**
         * @param counts false where nothing has changed since the point before
         * @param quiet no effect of another thread is under way
         */
        void at(Point point, boolean counts, boolean quiet);
    }

    /** What dying is: here a thing of the mind, in a process of its own SIGKILL. */
    interface Dying {
        void at(Point point);
    }

    /**
     * One point.
     *
     * @param site where in the code: class, method, what is called there
     * @param occurrence how often the life has come there since it was last armed, from 1
     */
    public record Point(String site, int occurrence) {
        /** It comes by the clock, and not in the course of a call. */
        boolean isOfTheWatch() {
            return site.startsWith("watch: ");
        }

        /** It comes when it comes, while what has asked for it goes on. */
        boolean isOfTheOutput() {
            return site.startsWith("output: ");
        }

        /** One for each file that RocksDB has made, and how many that are is its own affair: it has one more where rows were built anew before. */
        boolean isOfRowsThrownAway() {
            return site.startsWith("Projection.discard ");
        }

        /** What {@link #toString} has made of it. */
        static Point parse(String text) {
            int at = text.lastIndexOf(" (");
            return new Point(text.substring(0, at), Integer.parseInt(text.substring(at + 2, text.length() - 1)));
        }

        @Override
        public String toString() {
            return site + " (" + occurrence + ")";
        }
    }

    /** Threads whose points come in one order. What the watch of containers does comes by the clock, at any time of the others. */
    private static final class Course {
        final String name;
        long changes;
        long changesAtLastPoint = -1;

        Course(String name) {
            this.name = name;
        }
    }

    Points(Dying dying) {
        this.dying = dying;
    }

    static Points ofThisProcess() {
        return new Points(point -> {});
    }

    /** Counts anew, and dies at this point if it comes. */
    synchronized void arm(Optional<Point> next) {
        arm(next, Observer.NONE);
    }

    /** The same, and somebody looks on. */
    synchronized void arm(Optional<Point> next, Observer observing) {
        observer = observing;
        counts.clear();
        passed.clear();
        target = next;
        calls.changesAtLastPoint = -1;
        watch.changesAtLastPoint = -1;
        output.changesAtLastPoint = -1;
    }

    /** It dies at no point any more: what goes on by itself is not to die in the step after. @return false if it has died before */
    synchronized boolean disarm() {
        target = Optional.empty();
        return !isDead();
    }

    /** The points passed since it was last armed, in their order. */
    synchronized List<Point> passed() {
        return List.copyOf(passed);
    }

    CompletableFuture<Point> death() {
        return death;
    }

    boolean isDead() {
        return death.isDone();
    }

    /** It does not die meanwhile. @throws Crash when it is dead */
    synchronized void whileAlive(Runnable task) {
        if (isDead()) {
            throw new Crash("dead before");
        }
        task.run();
    }

    /** Ends it wherever it is. */
    synchronized void kill() {
        death.complete(new Point("killed from outside", 1));
    }

    /** Waits for the effects that were under way when it died: a system call that has begun is carried to its end. */
    synchronized void awaitQuiet() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (under > 0) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new IllegalStateException("Expected the effects under way to end, but %d do not".formatted(under));
            }
            wait(left);
        }
    }

    /** Makes a thread one of this life, with those it starts. */
    Thread thread(Runnable task) {
        return Thread.ofPlatform().unstarted(() -> {
            LIFE.set(this);
            task.run();
        });
    }

    /** Makes this thread one of this life. */
    void enter() {
        LIFE.set(this);
    }

    /** Where nothing has changed since the last point, the world is the same: that is no other point. */
    private synchronized void pass(String site) {
        if (isDead()) {
            throw new Crash(site);
        }
        Course course = course();
        String where = course.name + site;
        var point = new Point(where, counts.merge(where, 1, Integer::sum));
        boolean isCounted = course.changes != course.changesAtLastPoint;
        if (isCounted) {
            course.changesAtLastPoint = course.changes;
            passed.add(point);
        }
        if (course == calls) {
            observer.at(point, isCounted, under == 0);
        }
        if (target.equals(Optional.of(point))) {
            death.complete(point);
            dying.at(point);
            throw new Crash(point.toString());
        }
    }

    private Course course() {
        String thread = Thread.currentThread().getName();
        return WATCH.matcher(thread).matches() ? watch : OUTPUT.matcher(thread).matches() ? output : ACCESS.matcher(thread).matches() ? access : calls;
    }

    private synchronized void effectBegins(String site) {
        pass(site);
        under++;
    }

    private synchronized void effectEnds(boolean changedSomething) {
        under--;
        course().changes += changedSomething ? 1 : 0;
        notifyAll();
    }

    /** Called by the code under test, before an effect. */
    public static void before(String site) {
        Points life = LIFE.get();
        if (life != null) {
            life.effectBegins(site);
        }
    }

    /** Called by the code under test, when an effect has ended in whatever way. */
    public static void after() {
        Points life = LIFE.get();
        if (life != null) {
            life.effectEnds(true);
        }
    }

    /** The same where the answer tells whether anything has changed, as when a file is deleted if it exists. */
    public static void after(boolean changedSomething) {
        Points life = LIFE.get();
        if (life != null) {
            life.effectEnds(changedSomething);
        }
    }

    /** The same for system calls, which answer −1 when they fail. */
    public static void after(int answer) {
        after(answer != -1);
    }

    /** Called by the code under test, when a process has been begun. */
    public static void begun(String site) {
        Points life = LIFE.get();
        if (life != null) {
            life.pass(site + " has begun");
        }
    }

    /** Called by the code under test: opening a file is an effect where it may make one. */
    public static boolean makesFile(Object options) {
        Iterable<?> all = options instanceof Object[] array ? List.of(array) : (Collection<?>) options;
        for (Object option : all) {
            if (option.toString().startsWith("CREATE") || option.toString().equals("TRUNCATE_EXISTING")) {
                return true;
            }
        }
        return false;
    }

    /** The same for open(2) and openat(2), by their flags. */
    public static boolean makesFile(int flags) {
        return (flags & O_CREAT) != 0;
    }
}
