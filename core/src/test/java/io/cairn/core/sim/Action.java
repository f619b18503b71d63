package io.cairn.core.sim;

import io.vavr.collection.Vector;

/** One entry of a random history: what happens next, while what was begun before may still be under way. */
sealed interface Action {
    /** A pod by its name and attempt. */
    record Pod(String name, int attempt) {
        @Override
        public String toString() {
            return name + "#" + attempt;
        }
    }

    /** A container by its pod, name and attempt. */
    record Box(Pod pod, String name, int attempt) {
        @Override
        public String toString() {
            return pod + "/" + name + "#" + attempt;
        }
    }

    record Run(Pod pod) implements Action {}

    record Create(Box box, String program) implements Action {}

    record Start(Box box) implements Action {}

    record Exec(Box box, String command) implements Action {}

    record Stop(Box box, long graceMillis) implements Action {}

    record Remove(Box box) implements Action {}

    record StopPod(Pod pod) implements Action {}

    record RemovePod(Pod pod) implements Action {}

    record Pull(String image) implements Action {}

    record RemoveImage(String image) implements Action {}

    /** A program ends by itself. */
    record Exits(Box box, int code, boolean oomKilled) implements Action {}

    /** The next time the driver or the network comes to this place, this happens once. */
    record Fault(String place, Kind kind, int millis) implements Action {
        enum Kind {
            FAILS,
            HANGS,
            HANGS_AND_FAILS
        }
    }

    /** The runtime dies, and is started again. */
    record Crash() implements Action {}

    /** The host is booted anew. */
    record Reboot() implements Action {}

    /** The wall clock stands on another time. */
    record ClockSet(int millis) implements Action {}

    /**
     * What is to happen, and how: the seed decides in what order threads run, how late exits are told, how much of what was not synced a
     * crash keeps.
     *
     * @param turns after each action so many turns are taken; below zero: until nothing is under way
     */
    record Plan(long seed, Vector<Action> actions, Vector<Integer> turns) {
        static Plan random(long seed, int steps) {
            var rng = Rng.of(seed);
            return new Plan(seed, Vector.fill(steps, () -> action(rng)), Vector.fill(steps, () -> rng.oneIn(4) ? -1 : rng.below(60)));
        }

        /** The same without some of its actions. */
        Plan without(int from, int until) {
            return new Plan(seed, actions.take(from).appendAll(actions.drop(until)), turns.take(from).appendAll(turns.drop(until)));
        }

        Plan withSeed(long other) {
            return new Plan(other, actions, turns);
        }

        @Override
        public String toString() {
            return actions.zip(turns).zipWithIndex((step, index) -> "%3d  %s, then %s".formatted(index + 1, step._1(),
                    step._2() < 0 ? "until nothing is under way" : step._2() + " turns")).mkString("\n");
        }

        private static final Vector<String> PLACES = Vector.of("prepare", "prepare half", "prepare done", "release", "release done",
                "removeSandbox", "removeSandbox done", "create", "create half", "create done", "start", "start done", "signal", "signal done",
                "removeContainer", "removeContainer done", "exec", "exec done", "pull", "pull done", "removeImage", "removeImage done",
                "attach", "attach half", "attach done", "detach", "detach half", "detach done", "probe");
        private static final Vector<String> PROGRAMS = Vector.of(Programs.SLEEP, Programs.SLEEP, Programs.SLEEP, Programs.STUBBORN,
                Programs.EXITS_AT_ONCE, Programs.CANNOT_BE_MADE, Programs.CANNOT_BE_STARTED, Programs.START_TIMES_OUT, Programs.STICKS);

        private static Action action(Rng rng) {
            return switch (rng.below(32)) {
                case 0, 1, 2 -> new Run(pod(rng));
                case 3, 4, 5, 6 -> new Create(box(rng), rng.pick(PROGRAMS.asJava()));
                case 7, 8, 9, 10 -> new Start(box(rng));
                case 11, 12 -> new Exec(box(rng), rng.oneIn(4) ? "times-out" : "true");
                case 13, 14 -> new Stop(box(rng), rng.oneIn(3) ? 0 : rng.below(20_000));
                case 15, 16 -> new Remove(box(rng));
                case 17 -> new StopPod(pod(rng));
                case 18 -> new RemovePod(pod(rng));
                case 19 -> new Pull(rng.pick(Vector.of("other", "other", "missing").asJava()));
                case 20 -> new RemoveImage("other");
                case 21, 22 -> new Exits(box(rng), rng.below(256), rng.oneIn(4));
                case 23, 24, 25, 26, 27 -> new Fault(rng.pick(PLACES.asJava()), rng.pick(Vector.of(Fault.Kind.values()).asJava()),
                        rng.below(5_000));
                case 28, 29 -> new Crash();
                case 30 -> rng.oneIn(3) ? new Reboot() : new Crash();
                default -> new ClockSet(rng.below(20_000) - 10_000);
            };
        }

        private static Pod pod(Rng rng) {
            return new Pod(rng.oneIn(5) ? "host" : rng.oneIn(12) ? "no-network" : rng.oneIn(3) ? "b" : "a", rng.oneIn(4) ? 1 : 0);
        }

        private static Box box(Rng rng) {
            return new Box(pod(rng), rng.oneIn(3) ? "y" : "x", rng.oneIn(4) ? 1 : 0);
        }
    }
}
