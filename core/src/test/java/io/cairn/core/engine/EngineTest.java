package io.cairn.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.decide.Command;
import io.cairn.core.decide.Rejection;
import io.cairn.core.domain.State;
import io.cairn.core.evolve.Step;
import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.TestClock;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.ImagePullFailed;
import io.cairn.proto.journal.OrphanReaped;
import io.cairn.proto.journal.Peer;
import io.vavr.control.Either;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EngineTest {
    private static final Executor CALLER = task -> Thread.ofVirtual().start(task);

    private final FakeLog log = new FakeLog();
    private final TestClock clock = new TestClock();
    private final List<String> halts = Collections.synchronizedList(new ArrayList<>());
    private final List<Step> told = Collections.synchronizedList(new ArrayList<>());
    private final Engine engine = new Engine(log, log, State.EMPTY, clock, (reason, cause) -> halts.add(reason), told::add);

    @AfterEach
    void end() throws InterruptedException {
        log.full = false;
        log.syncsAllowed.release(1000);
        engine.close();
    }

    @Test
    void nobodyIsAnsweredOrShownAnythingBeforeTheSync() throws Exception {
        log.syncsAllowed.drainPermits();
        var answer = submit(pull("a"));
        log.syncsBegun.acquire();

        assertThat(log.events()).hasSize(1);
        assertThat(answer).isNotDone();
        assertThat(engine.state().pulls()).isEmpty();
        assertThat(told).isEmpty();

        log.syncsAllowed.release();
        Committed committed = answer.get(30, TimeUnit.SECONDS).get();
        assertThat(committed.subject()).isEqualTo("a");
        assertThat(committed.intent()).isEqualTo(1);
        assertThat(committed.state().pulls().keySet()).containsExactly("a");
        assertThat(engine.state()).isSameAs(committed.state());
        assertThat(log.story()).containsExactly("append", "sync", "apply 1");
        assertThat(told).hasSize(1);
    }

    @Test
    void whatIsShownIsAsOfItsLastEventAndSoBeforeAllThatItMisses() throws Exception {
        log.syncsAllowed.drainPermits();
        var answer = submit(pull("a"));
        log.syncsBegun.acquire();
        long stamped = log.events().getFirst().getWallTimeNanos();
        clock.advanceMillis(10);
        assertThat(engine.shown().state().pulls()).isEmpty();
        assertThat(engine.shown().asOfNanos()).isBetween(TestClock.START_NANOS, stamped - 1);

        log.syncsAllowed.release();
        answer.get(30, TimeUnit.SECONDS);
        clock.advanceMillis(10);
        assertThat(engine.shown().state().pulls().keySet()).containsExactly("a");
        assertThat(engine.shown().asOfNanos()).isEqualTo(stamped);
    }

    @Test
    void whatWaitsTogetherSharesOneSyncAndKeepsItsOrder() throws Exception {
        log.syncsAllowed.drainPermits();
        var first = submit(pull("first"));
        log.syncsBegun.acquire();
        var waiting = new ArrayList<CompletableFuture<Either<Rejection, Committed>>>();
        for (int i = 0; i < 100; i++) {
            waiting.add(submit(pull("pull-" + i)));
        }
        Eventually.holds("all of them are queued", () -> queued() == 100);

        log.syncsAllowed.release(1000);
        first.get(30, TimeUnit.SECONDS);
        for (var answer : waiting) {
            assertThat(answer.get(30, TimeUnit.SECONDS).isRight()).isTrue();
        }
        assertThat(log.syncs()).isEqualTo(2);
        assertThat(log.events().stream().map(Event::getSequence)).isEqualTo(java.util.stream.LongStream.rangeClosed(1, 101).boxed().toList());
        assertThat(engine.state().pulls().size()).isEqualTo(101);
    }

    @Test
    void eachOfAGroupIsDecidedOnWhatItsPredecessorLeaves() throws Exception {
        submit(pull("a")).get(30, TimeUnit.SECONDS);
        log.syncsAllowed.drainPermits();
        log.syncsBegun.drainPermits();
        var first = submit(pull("b"));
        log.syncsBegun.acquire();
        var one = submit(new Command.Conclude(failed("a")));
        Eventually.holds("it is queued", () -> queued() == 1);
        var again = submit(pull("a"));
        Eventually.holds("both are queued", () -> queued() == 2);
        log.syncsAllowed.release(1000);

        assertThat(one.get(30, TimeUnit.SECONDS).isRight()).isTrue();
        assertThat(again.get(30, TimeUnit.SECONDS).isRight()).as("the id is free again in the same group").isTrue();
        assertThat(first.get(30, TimeUnit.SECONDS).isRight()).isTrue();
        assertThat(halts).isEmpty();
    }

    @Test
    void everyEventCarriesItsOriginItsTimesAndItsPlace() {
        var origin = new Origin("call-1", Peer.newBuilder().setPid(7).setExecutable("/usr/bin/kubelet").build(), 99);
        engine.submit(pull("a"), origin);
        Event event = log.events().getFirst();
        assertThat(event.getSequence()).isEqualTo(1);
        assertThat(event.getEpoch()).isEqualTo(1);
        assertThat(event.getVersion()).isEqualTo(1);
        assertThat(event.getWallTimeNanos()).isGreaterThan(TestClock.START_NANOS);
        assertThat(event.getMonotonicNanos()).isPositive();
        assertThat(event.getCorrelationId()).isEqualTo("call-1");
        assertThat(event.getCausation()).isEqualTo(99);
        assertThat(event.getPeer()).isEqualTo(origin.peer());
        assertThat(event.getDriver()).isEqualTo("simulated");
    }

    @Test
    void aRefusalChangesNothingAndCostsNoSync() throws Exception {
        var answer = submit(new Command.StartContainer("nowhere")).get(30, TimeUnit.SECONDS);
        assertThat(answer.getLeft().reason()).isEqualTo(Rejection.Reason.NOT_FOUND);
        var already = submit(new Command.StopSandbox("nowhere")).get(30, TimeUnit.SECONDS);
        assertThat(already.get().changedNothing()).isTrue();
        assertThat(log.story()).isEmpty();
    }

    @Test
    void aSyncThatFailsHaltsAndAnswersNobodyWithSuccess() {
        log.syncBreaks = true;
        var answer = submit(pull("a"));
        Eventually.holds("it halts", () -> !halts.isEmpty());
        assertThat(halts).singleElement().asString().contains("fsync: input/output error");
        assertFails(answer, "fsync: input/output error");
        assertFails(submit(pull("late")), "fsync: input/output error");
        assertThat(engine.state().pulls()).isEmpty();
        assertThat(told).isEmpty();
    }

    @Test
    void aProjectionThatFailsHaltsAndAnswersNobodyWithSuccess() {
        log.projectionBreaks = true;
        var answer = submit(pull("a"));
        Eventually.holds("it halts", () -> !halts.isEmpty());
        assertFails(answer, "the projection could not be written");
        assertThat(engine.state().pulls()).isEmpty();
    }

    @Test
    void anEventThatBreaksAnInvariantHaltsAndNeverReachesTheLog() {
        var answer = submit(new Command.Conclude(failed("never begun")));
        Eventually.holds("it halts", () -> !halts.isEmpty());
        assertThat(halts).singleElement().asString().contains("has not begun");
        assertThat(log.events()).isEmpty();
        assertFails(answer, "has not begun");
    }

    /** The halt of this test comes back, and nobody may wait for ever. */
    private static void assertFails(CompletableFuture<?> answer, String why) {
        assertThat(answer).failsWithin(Duration.ofSeconds(30)).withThrowableThat().withMessageContaining(why);
    }

    @Test
    void aFullDiskRefusesIntentsAndLetsOutcomesPassInTheReserve() throws Exception {
        submit(pull("a")).get(30, TimeUnit.SECONDS);
        log.full = true;
        Rejection refusal = submit(pull("b")).get(30, TimeUnit.SECONDS).getLeft();
        assertThat(refusal.reason()).isEqualTo(Rejection.Reason.NO_SPACE);
        assertThat(refusal.message()).contains("/fake").contains("4096 bytes");
        assertThat(submit(new Command.Conclude(failed("a"))).get(30, TimeUnit.SECONDS).isRight()).isTrue();
        assertThat(engine.state().pulls()).isEmpty();
        assertThat(halts).isEmpty();
    }

    @Test
    void outcomesThatFindNoSpaceAtAllAreKeptAndComeFirstWhenThereIsSome() throws Exception {
        submit(pull("a")).get(30, TimeUnit.SECONDS);
        log.full = true;
        log.fullForEssential = true;
        var outcome = submit(new Command.Conclude(failed("a")));
        assertThat(submit(pull("b")).get(30, TimeUnit.SECONDS).getLeft().reason()).isEqualTo(Rejection.Reason.NO_SPACE);
        assertThat(outcome).isNotDone();
        assertThat(engine.state().pulls().keySet()).containsExactly("a");

        log.full = false;
        assertThat(outcome.get(30, TimeUnit.SECONDS).isRight()).isTrue();
        assertThat(submit(pull("b")).get(30, TimeUnit.SECONDS).isRight()).isTrue();
        assertThat(engine.state().pulls().keySet()).containsExactly("b");
        assertThat(halts).isEmpty();
    }

    @Test
    void closingAnswersEverybodyThenClosesProjectionAndLog() throws Exception {
        log.syncsAllowed.drainPermits();
        var first = submit(pull("a"));
        log.syncsBegun.acquire();
        var second = submit(pull("b"));
        Eventually.holds("it is queued", () -> queued() == 1);
        var closed = CompletableFuture.runAsync(() -> {
            try {
                engine.close();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }, CALLER);
        Eventually.holds("the end is queued", () -> queued() == 2);
        log.syncsAllowed.release(1000);

        closed.get(30, TimeUnit.SECONDS);
        assertThat(first.get(30, TimeUnit.SECONDS).isRight()).isTrue();
        assertThat(second.get(30, TimeUnit.SECONDS).isRight()).isTrue();
        assertThat(log.story()).endsWith("close", "close");
        Rejection late = submit(pull("c")).get(30, TimeUnit.SECONDS).getLeft();
        assertThat(late.reason()).isEqualTo(Rejection.Reason.BUSY);
        assertThat(log.events()).hasSize(2);
    }

    @Test
    void closingWhileOutcomesWaitForSpaceRefusesThemAndLeavesThemToTheNextStart() throws Exception {
        submit(pull("a")).get(30, TimeUnit.SECONDS);
        log.full = true;
        log.fullForEssential = true;
        var outcome = submit(new Command.Conclude(failed("a")));
        assertThat(submit(pull("b")).get(30, TimeUnit.SECONDS).isLeft()).isTrue();
        engine.close();
        assertThat(outcome.get(30, TimeUnit.SECONDS).getLeft().reason()).isEqualTo(Rejection.Reason.BUSY);
        assertThat(log.closed).isTrue();
    }

    @Test
    void anEpochThatIsDueIsOpenedEvolvedAndProjectedBeforeTheEventThatMadeItDue() throws Exception {
        log.rolls = true;
        Committed committed = submit(pull("a")).get(30, TimeUnit.SECONDS).get();
        assertThat(committed.events().map(Event::getSequence)).containsExactly(2L);
        assertThat(committed.intent()).isEqualTo(2);
        assertThat(engine.state().epoch()).isEqualTo(2);
        assertThat(engine.state().bootId()).isEqualTo("boot-1");
        assertThat(log.story()).containsExactly("roll", "append", "sync", "apply 1,2");
        assertThat(log.events().get(1).getEpoch()).isEqualTo(2);
    }

    @Test
    void anEpochThatIsDueIsKeptEvenIfTheEventThatMadeItDueFindsNoSpace() throws Exception {
        log.rolls = true;
        log.full = true;
        assertThat(submit(pull("a")).get(30, TimeUnit.SECONDS).getLeft().reason()).isEqualTo(Rejection.Reason.NO_SPACE);
        assertThat(log.story()).containsExactly("roll", "sync", "apply 1");
        assertThat(engine.state().epoch()).isEqualTo(2);
    }

    @Test
    void awaitReturnsWhenTheStateFulfilsTheConditionAndGivesUpAtItsDeadline() throws Exception {
        var waiter = CompletableFuture.supplyAsync(() -> {
            try {
                return engine.await(state -> state.pulls().containsKey("a"), 30_000);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }, CALLER);
        engine.submit(pull("a"), Origin.SELF);
        assertThat(waiter.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(engine.await(state -> state.pulls().containsKey("b"), 1)).isFalse();
    }

    @Test
    void aNoteIsRecordedAndChangesNoState() {
        State before = engine.state();
        engine.submit(new Command.Note(Event.newBuilder().setOrphanReaped(OrphanReaped.newBuilder().setId("x")).build()), Origin.SELF);
        assertThat(log.events()).hasSize(1);
        assertThat(engine.state()).isEqualTo(before);
    }

    private CompletableFuture<Either<Rejection, Committed>> submit(Command command) {
        return CompletableFuture.supplyAsync(() -> engine.submit(command, Origin.SELF), CALLER);
    }

    private int queued() {
        return engine.queued();
    }

    private static Command pull(String id) {
        return new Command.PullImage(id, "docker.io/library/app:latest", "simulated");
    }

    private static Event failed(String pullId) {
        return Event.newBuilder().setImagePullFailed(ImagePullFailed.newBuilder().setPullId(pullId)).build();
    }
}
