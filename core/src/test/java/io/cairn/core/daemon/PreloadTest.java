package io.cairn.core.daemon;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class PreloadTest {
    /** A start goes on without what could not be loaded, so that nobody else would notice. */
    @Test
    void all_that_is_named_can_be_loaded() {
        assertThatCode(Preload::loadSilent).doesNotThrowAnyException();
        assertThatCode(Preload::loadLogging).doesNotThrowAnyException();
    }
}
