package io.cairn.crash.points;

import java.util.List;

/** What is run once for each point: every call of CRI that changes something, and the daemon's own beginning and end. */
final class Scenario {
    /** One thing a kubelet asks; when it is cut off, it asks again. */
    interface Ask {
        void ask(Kubelet kubelet) throws Exception;
    }

    /**
     * @param ask what is asked, or one of the two below
     * @param undo brings all to where it was before, so that it can be asked once more in the same run
     */
    record Step(String name, Ask ask, Ask undo) {
        boolean isRestart() {
            return ask == RESTART;
        }

        /** Waits for what comes by the clock, and so is left out where nothing is to stop there. */
        boolean isWatch() {
            return ask == WATCH;
        }

        /** No call undoes it: it is asked for again as it is, or everything is forgotten. */
        boolean isCheapToRepeat() {
            return undo == NOTHING;
        }

        /** Nothing was ever there before, and so is to be there to begin with. */
        boolean isFirst() {
            return this == STEPS.getFirst();
        }
    }

    /** The daemon is ended, if it runs, and begun. */
    private static final Ask RESTART = kubelet -> {};
    private static final Ask WATCH = Kubelet::awaitLook;
    /** Can be asked again as it is. */
    private static final Ask NOTHING = kubelet -> {};

    static final List<Step> STEPS = List.of(
            new Step("first start", RESTART, NOTHING),
            new Step("PullImage", Kubelet::pull, Kubelet::removeImage),
            new Step("RunPodSandbox", k -> k.runPod("pod"), k -> {
                k.stopPod("pod");
                k.removePod("pod");
            }),
            new Step("CreateContainer", k -> k.create("pod", "long"), k -> k.remove("long")),
            new Step("StartContainer", k -> k.start("long"), k -> k.replace("long")),
            new Step("a look of the watch", WATCH, NOTHING),
            new Step("a line of output", k -> k.lines.say("long"), NOTHING),
            new Step("ExecSync", k -> k.exec("long"), NOTHING),
            new Step("Exec", k -> k.execStreamed("long"), NOTHING),
            new Step("UpdateContainerResources", k -> k.limit("long"), Scenario::startAnew),
            new Step("UpdatePodSandboxResources", k -> k.limitPod("pod"), NOTHING),
            new Step("CheckpointContainer", k -> k.archives.checkpoint("long"), NOTHING),
            new Step("CreateContainer of a checkpoint", k -> k.archives.create("pod", "restored", "long.tar"), k -> k.archives.remove("restored")),
            new Step("StartContainer of a checkpoint", k -> k.archives.start("restored"), k -> {
                k.archives.remove("restored");
                k.archives.create("pod", "restored", "long.tar");
            }),
            new Step("RemoveContainer of a restored one", k -> k.archives.remove("restored"), k -> {
                k.archives.create("pod", "restored", "long.tar");
                k.archives.start("restored");
            }),
            new Step("UpdateRuntimeConfig", Kubelet::configure, NOTHING),
            new Step("ReopenContainerLog", k -> k.reopenLog("long"), NOTHING),
            new Step("restart", RESTART, NOTHING),
            new Step("StopContainer", k -> k.stop("long", 10), k -> {
                startAnew(k);
                k.limit("long");
            }),
            new Step("RemoveContainer", k -> k.remove("long"), k -> {
                k.create("pod", "long");
                k.start("long");
                k.limit("long");
                k.stop("long", 10);
            }),
            new Step("CreateContainer of a short one", k -> k.createShort("pod", "short", 7), k -> k.remove("short")),
            new Step("StartContainer of a short one", k -> {
                k.start("short");
                k.awaitEnd("short");
            }, k -> k.replace("short")),
            new Step("RunPodSandbox with an init", k -> k.runSharedPod("shared"), k -> {
                k.stopPod("shared");
                k.removePod("shared");
            }),
            new Step("CreateContainer beside the init", k -> k.create("shared", "beside"), k -> k.remove("beside")),
            new Step("StartContainer beside the init", k -> k.start("beside"), k -> k.replace("beside")),
            new Step("RemoveContainer of a running one", k -> k.remove("beside"), k -> {
                k.create("shared", "beside");
                k.start("beside");
            }),
            new Step("CreateContainer once more", k -> k.create("shared", "again"), k -> k.remove("again")),
            new Step("StartContainer once more", k -> k.start("again"), k -> k.replace("again")),
            new Step("StopPodSandbox with an init", k -> k.stopPod("shared"), k -> {
                k.removePod("shared");
                runShared(k);
            }),
            new Step("RemovePodSandbox with an init", k -> k.removePod("shared"), k -> {
                runShared(k);
                k.stopPod("shared");
            }),
            new Step("StopPodSandbox", k -> k.stopPod("pod"), k -> {
                k.removePod("pod");
                run(k);
            }),
            new Step("RemovePodSandbox", k -> k.removePod("pod"), k -> {
                run(k);
                k.stopPod("pod");
            }),
            new Step("RemoveImage", Kubelet::removeImage, Kubelet::pull),
            new Step("last restart", RESTART, NOTHING));

    private Scenario() {}

    /** Of the step of this name. */
    static int number(String name) {
        return STEPS.stream().map(Step::name).toList().indexOf(name);
    }

    private static void startAnew(Kubelet kubelet) throws Exception {
        kubelet.replace("long");
        kubelet.start("long");
    }

    /** As it is when it is stopped: with one container that runs. */
    private static void runShared(Kubelet kubelet) throws Exception {
        kubelet.runSharedPod("shared");
        kubelet.create("shared", "again");
        kubelet.start("again");
    }

    /** As it is when it is stopped: with one container that has ended. */
    private static void run(Kubelet kubelet) throws Exception {
        kubelet.runPod("pod");
        kubelet.createShort("pod", "short", 7);
        kubelet.start("short");
        kubelet.awaitEnd("short");
    }
}
