package io.cairn.app;

import io.cairn.app.config.ConfigLoader;
import io.cairn.app.config.LoadedConfig;
import java.nio.file.Path;

/** {@code cairn config}: prints or checks the configuration. */
enum ConfigCommand implements Command {
    DEFAULT("config default", "Print every key with its meaning, range and default, as a configuration file.") {
        @Override
        String text(Invocation invocation) {
            return LoadedConfig.defaults();
        }
    },
    SHOW("config show", "Print every value in force and which file and line it comes from.") {
        @Override
        String text(Invocation invocation) throws CommandFailure {
            return invocation.load().shown();
        }
    },
    CHECK("config check", "Check the configuration and name every problem with its file, line and column.") {
        @Override
        String text(Invocation invocation) throws CommandFailure {
            LoadedConfig loaded = invocation.load();
            String read = loaded.files().isEmpty()
                    ? "no " + ConfigLoader.DEFAULT_FILE + ", only defaults" : loaded.files().map(Path::toString).mkString(", ");
            return "ok: " + read + "\n";
        }
    };

    private final String words;
    private final String description;

    ConfigCommand(String words, String description) {
        this.words = words;
        this.description = description;
    }

    abstract String text(Invocation invocation) throws CommandFailure;

    @Override
    public String words() {
        return words;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public int run(Invocation invocation) throws CommandFailure {
        invocation.out().print(text(invocation));
        return 0;
    }
}
