package io.cairn.app.config;

import io.vavr.collection.Seq;
import java.nio.file.Path;

/** The configuration, and which files it was read from. Immutable. */
public final class LoadedConfig {
    private final Seq<Path> files;
    private final Settings settings;
    private final CairnConfig config;

    LoadedConfig(Seq<Path> files, Settings settings) {
        this.files = files;
        this.settings = settings;
        this.config = ConfigRecords.from(settings);
    }

    public CairnConfig config() {
        return config;
    }

    /** In the order they were read; empty when there are only defaults. */
    public Seq<Path> files() {
        return files;
    }

    /** A configuration file of every value in force, with a comment after each that says where it comes from. */
    public String shown() {
        return ConfigPrinter.effective(settings);
    }

    /** A configuration file of every key with its comment and default. */
    public static String defaults() {
        return ConfigPrinter.defaults();
    }
}
