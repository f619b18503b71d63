package io.cairn.core.engine;

import io.cairn.core.decide.Command;
import io.cairn.core.decide.Decider;
import io.cairn.core.decide.Decision;
import io.cairn.core.decide.Rejection;
import io.cairn.core.domain.State;
import io.cairn.core.engine.EventLog.LogFull;
import io.cairn.core.evolve.Evolver;
import io.cairn.core.evolve.Step;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single writer of the journal, and so of the state.
 *
 * <p>Group commit: everything that waits in the queue is decided, evolved and appended one after the other, each on the state
 * its predecessor leaves; then one sync; only then are the rows written, the new state shown and all callers answered. Nobody
 * ever sees, or is told of, an event that is not on stable storage.
 *
 * <p>All public methods may be called from any thread.
 */
public final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    /** Bounds how long the first caller of a group waits for the last one's append; far more than a kubelet ever has in flight. */
    private static final int GROUP_MAX = 256;
    private static final long SPACE_RETRY_MILLIS = 250;

    private final EventLog log;
    private final Projector projector;
    private final Clock clock;
    private final Halt halt;
    private final Consumer<Step> listener;
    private final BlockingQueue<Submission> queue = new LinkedBlockingQueue<>();
    /** Outcomes and observations that found the disk full. They go before anything else when space returns. */
    private final Deque<Submission> waitingForSpace = new ArrayDeque<>();
    private final ReentrantLock showing = new ReentrantLock();
    private final Condition changed = showing.newCondition();
    private final Thread thread;
    /** Put last into the queue by {@link #close}: an interrupt could hit a file channel in the middle of a sync and close it. */
    private final Submission farewell = new Submission(new Command.Note(Event.getDefaultInstance()), Origin.SELF, new CompletableFuture<>());
    private volatile Shown shown;
    private List<Submission> inHand = List.of();
    private volatile boolean ended;
    /** Written before {@link #ended}. */
    private Option<Throwable> failure = Option.none();
    private boolean closing;

    /**
     * @param state as replayed from the log; the engine owns log and projector from now on
     * @param listener told of every event once it is durable and applied, on the engine's thread: must be quick
     */
    public Engine(EventLog log, Projector projector, State state, Clock clock, Halt halt, Consumer<Step> listener) {
        this(log, projector, state, clock, halt, listener, Thread.ofPlatform().name("cairn-engine").factory());
    }

    /** @param threads makes the engine's one thread, so that a test can decide when it runs */
    public Engine(EventLog log, Projector projector, State state, Clock clock, Halt halt, Consumer<Step> listener, ThreadFactory threads) {
        this.log = log;
        this.projector = projector;
        this.clock = clock;
        this.shown = new Shown(state, clock.wallNanos());
        this.halt = halt;
        this.listener = listener;
        this.thread = threads.newThread(this::run);
        thread.start();
    }

    /** The state as of the last durable event. */
    public State state() {
        return shown.state();
    }

    /** The state as of the last durable event, and as of when that is. */
    public Shown shown() {
        return shown;
    }

    /**
     * Commits a command and waits for it. The answer is given once everything it rests on is on stable storage.
     *
     * @throws java.util.concurrent.CompletionException if the engine had to stop for good, and the halt has come back
     */
    public Either<Rejection, Committed> submit(Command command, Origin origin) {
        var submission = new Submission(command, origin, new CompletableFuture<>());
        queue.add(submission);
        if (ended) {
            refuseQueued();
        }
        return submission.answer().join();
    }

    /** How many submissions wait for the next group. */
    int queued() {
        return queue.size();
    }

    /** Waits until the state fulfils a condition. Returns whether it did within the time. */
    public boolean await(Predicate<State> condition, long timeoutMillis) throws InterruptedException {
        long deadline = clock.monotonicNanos() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        showing.lock();
        try {
            while (!condition.test(state())) {
                long leftNanos = deadline - clock.monotonicNanos();
                if (leftNanos <= 0) {
                    return false;
                }
                clock.await(showing, changed, leftNanos);
            }
            return true;
        } finally {
            showing.unlock();
        }
    }

    /** Commits what is queued, closes log and projection, and ends. */
    @Override
    public void close() throws InterruptedException {
        queue.add(farewell);
        thread.join();
    }

    private void run() {
        try {
            while (!closing) {
                inHand = nextGroup();
                commit(inHand);
            }
            projector.close();
            log.close();
            end(List.of());
        } catch (Throwable t) {
            // A broken invariant, a failed sync, a failed projection: whatever it is, nothing after it can be trusted.
            halt.now("the engine cannot go on: " + t.getMessage(), t);
            // A halt that comes back ends one life in a process that goes on, and nobody in there may wait for what never comes.
            failure = Option.some(t);
            end(inHand);
        }
    }

    private void end(List<Submission> unanswered) {
        ended = true;
        queue.addAll(unanswered);
        queue.addAll(waitingForSpace);
        refuseQueued();
    }

    private void refuseQueued() {
        Either<Rejection, Committed> refusal = Either.left(Rejection.of(Rejection.Reason.BUSY, "cairn is shutting down"));
        for (Submission late = queue.poll(); late != null; late = queue.poll()) {
            CompletableFuture<Either<Rejection, Committed>> answer = late.answer();
            failure.peek(answer::completeExceptionally).onEmpty(() -> answer.complete(refusal));
        }
    }

    private List<Submission> nextGroup() throws InterruptedException {
        var group = new ArrayList<>(waitingForSpace);
        waitingForSpace.clear();
        Submission first = group.isEmpty() ? queue.take() : queue.poll(SPACE_RETRY_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
            group.add(first);
        }
        queue.drainTo(group, GROUP_MAX);
        closing = group.remove(farewell);
        return group;
    }

    private void commit(List<Submission> group) {
        var answers = new ArrayList<Runnable>(group.size());
        var steps = new ArrayList<Step>(group.size());
        for (Submission submission : group) {
            State now = steps.isEmpty() ? state() : steps.getLast().after();
            Either<Rejection, Decision> decision = Decider.decide(now, submission.command());
            if (decision.isLeft()) {
                answers.add(() -> submission.answer().complete(Either.left(decision.getLeft())));
                continue;
            }
            try {
                Vector<Event> events = append(steps, now, decision.get().drafts(), submission);
                answers.add(() -> submission.answer().complete(
                        Either.right(new Committed(decision.get().subject(), events, state()))));
            } catch (LogFull full) {
                refuseOrKeep(submission, full, answers);
            }
        }
        publish(Vector.ofAll(steps));
        answers.forEach(Runnable::run);
    }

    /** Evolves before it writes: an event that breaks an invariant never reaches the journal. */
    private Vector<Event> append(List<Step> steps, State now, Vector<Event> drafts, Submission submission) throws LogFull {
        if (drafts.isEmpty()) {
            return drafts;
        }
        Option<Event> opened = log.prepare(drafts);
        opened.forEach(event -> steps.add(Step.of(now, event)));
        Vector<Event> events = stamp(drafts, submission.origin());
        var added = new ArrayList<Step>();
        State last = opened.isDefined() ? steps.getLast().after() : now;
        for (Event event : events) {
            added.add(Step.of(last, event));
            last = added.getLast().after();
        }
        log.append(events, !submission.mayBeRefused());
        steps.addAll(added);
        return events;
    }

    private void publish(Vector<Step> steps) {
        if (steps.isEmpty()) {
            return;
        }
        log.sync();
        projector.apply(steps, log.head());
        showing.lock();
        try {
            shown = new Shown(steps.last().after(), steps.last().event().getWallTimeNanos());
            changed.signalAll();
        } finally {
            showing.unlock();
        }
        steps.forEach(listener);
    }

    private void refuseOrKeep(Submission submission, LogFull full, List<Runnable> answers) {
        if (submission.mayBeRefused()) {
            var rejection = Rejection.of(Rejection.Reason.NO_SPACE, "%s", full.getMessage());
            answers.add(() -> submission.answer().complete(Either.left(rejection)));
        } else {
            LOG.warn("An outcome waits for disk space: {}", full.getMessage());
            waitingForSpace.add(submission);
        }
    }

    private Vector<Event> stamp(Vector<Event> drafts, Origin origin) {
        long first = log.nextSequence();
        return drafts.zipWithIndex((draft, index) -> draft.toBuilder().setSequence(first + index).setEpoch(log.epoch())
                .setVersion(Evolver.VERSION).setWallTimeNanos(clock.wallNanos()).setMonotonicNanos(clock.monotonicNanos())
                .setCorrelationId(origin.correlationId()).setCausation(origin.causation()).setPeer(origin.peer()).build());
    }
}
