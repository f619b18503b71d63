package io.cairn.bench.pods;

/** The measured calls, in the order of a pod's life. */
enum Verb {
    RUN_POD_SANDBOX("RunPodSandbox"),
    CREATE_CONTAINER("CreateContainer"),
    START_CONTAINER("StartContainer"),
    EXEC_SYNC("ExecSync"),
    /** Without grace: the runtime's own time, not the container's. */
    STOP_CONTAINER("StopContainer"),
    REMOVE_CONTAINER("RemoveContainer"),
    STOP_POD_SANDBOX("StopPodSandbox"),
    REMOVE_POD_SANDBOX("RemovePodSandbox");

    private final String title;

    Verb(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
