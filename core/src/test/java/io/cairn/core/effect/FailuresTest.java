package io.cairn.core.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.driver.DriverException;
import io.cairn.proto.journal.Failure;
import org.junit.jupiter.api.Test;

class FailuresTest {
    @Test
    void whatAnotherSaysIsCutToWhatAnEventCanHold() {
        Failure failure = Failures.of(new DriverException(Failure.Kind.TIMED_OUT, "walk " + "on ".repeat(10 << 20)));
        assertThat(failure.getKind()).isEqualTo(Failure.Kind.TIMED_OUT);
        assertThat(failure.getMessage()).hasSizeLessThan(32 << 10).startsWith("walk on on ").endsWith("…");
    }

    @Test
    void nothingSaidIsSaid() {
        assertThat(Failures.of(new DriverException(Failure.Kind.FAILED, null)).getMessage()).isEqualTo("no reason was given");
    }
}
