package io.cairn.driver.containerd.io;

/** One of the two outputs of a process. */
enum Stream {
    STDOUT("stdout"),
    STDERR("stderr");

    private final String label;

    Stream(String label) {
        this.label = label;
    }

    /** As files and logs have it; all have the same length, which {@link LogLines} relies on. */
    String label() {
        return label;
    }
}
