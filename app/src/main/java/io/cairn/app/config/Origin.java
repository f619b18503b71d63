package io.cairn.app.config;

import java.nio.file.Path;

/** Where an effective value comes from. */
sealed interface Origin {
    record Default() implements Origin {}

    record Written(Path file, int line) implements Origin {}

    default String says() {
        return switch (this) {
            case Default() -> "default";
            case Written(Path file, int line) -> OneLine.of(file.toString()) + ":" + line;
        };
    }
}
