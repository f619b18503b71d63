package io.cairn.core.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class MeanwhileTest {
    private final List<String> closed = new ArrayList<>();

    @Test
    void isOpenedOnAThreadOfItsOwnAndClosedOnce() throws Exception {
        var meanwhile = Meanwhile.begin("opening", () -> Thread.currentThread().getName(), closed::add);
        assertThat(meanwhile.take()).isEqualTo("opening");
        meanwhile.close();
        assertThat(closed).containsExactly("opening");
    }

    @Test
    void nobodyNeedHaveTakenIt() throws Exception {
        var wait = new CountDownLatch(1);
        var meanwhile = Meanwhile.begin("opening", () -> {
            wait.await();
            return "late";
        }, closed::add);
        wait.countDown();
        meanwhile.close();
        assertThat(closed).containsExactly("late");
    }

    @Test
    void whyItFailedIsThrownAsItWas() {
        assertThatThrownBy(() -> failing(new IOException("no disk")).take()).isInstanceOf(IOException.class).hasMessage("no disk");
        assertThatThrownBy(() -> failing(new NoClassDefFoundError("X")).take()).isInstanceOf(NoClassDefFoundError.class).hasMessage("X");
        assertThatCode(() -> failing(new IOException("no disk")).close()).doesNotThrowAnyException();
        assertThat(closed).isEmpty();
    }

    @Test
    void anInterruptWaitsUntilItIsClosed() throws Exception {
        var meanwhile = Meanwhile.begin("opening", () -> "part", part -> closed.add(part + " " + Thread.currentThread().isInterrupted()));
        Thread.currentThread().interrupt();
        assertThat(meanwhile.take()).isEqualTo("part");
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        meanwhile.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(closed).containsExactly("part false");
    }

    private Meanwhile<String> failing(Throwable failure) {
        return Meanwhile.begin("opening", () -> {
            switch (failure) {
                case Exception exception -> throw exception;
                case Error error -> throw error;
                default -> throw new IllegalStateException(failure);
            }
        }, closed::add);
    }
}
