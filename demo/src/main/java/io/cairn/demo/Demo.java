package io.cairn.demo;

import io.cairn.testkit.TestNode;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Shows Cairn's main promise on this machine. Everything it makes lies below one temporary directory and is gone afterwards, also
 * when it fails or is interrupted.
 */
public final class Demo {
    private static final int FAILED = 1;

    private Demo() {}

    public static void main(String[] args) {
        var interrupted = new AtomicBoolean();
        Thread hook = tidyUpOnSignal(Thread.currentThread(), interrupted);
        int code = run(interrupted);
        if (withdraw(hook)) {
            System.exit(code);
        }
    }

    /** A signal interrupts the story, which tidies up; the JVM waits for that and ends with the signal's exit code. */
    private static Thread tidyUpOnSignal(Thread story, AtomicBoolean interrupted) {
        Thread hook = Thread.ofPlatform().unstarted(() -> {
            System.out.printf("%nInterrupted, tidying up.%n");
            interrupted.set(true);
            story.interrupt();
            try {
                story.join(TimeUnit.SECONDS.toMillis(60));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    /** @return false while the JVM is being ended, when exit would wait for the hook and the hook for this thread */
    private static boolean withdraw(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private static int run(AtomicBoolean interrupted) {
        TestNode node = null;
        try {
            node = TestNode.create();
            new Story(node, new Narrator(System.out)).tell();
            return 0;
        } catch (Exception | AssertionError e) {
            // What breaks when it is interrupted is no failure of the demonstration.
            if (!interrupted.get()) {
                System.err.printf("%nThe demonstration failed: %s%n", e.getMessage() == null ? e.toString() : e.getMessage());
            }
            return FAILED;
        } finally {
            demolish(node);
        }
    }

    private static void demolish(TestNode node) {
        // What follows has to wait for processes, which an interrupt that is still pending would not let it do.
        Thread.interrupted();
        try {
            if (node != null) {
                node.close();
            }
        } catch (Exception e) {
            System.err.printf("%nNot everything could be tidied up below %s: %s%n", node.root(), e.getMessage());
        }
    }
}
