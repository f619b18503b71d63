package io.cairn.journal;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A program that takes the state lock, says so, and keeps it until it is killed. */
final class LockHolder {
    private LockHolder() {}

    public static void main(String[] arguments) throws Exception {
        try (StateLock _ = StateLock.acquire(Path.of(arguments[0]))) {
            System.out.println("held");
            new CountDownLatch(1).await();
        }
    }
}
