package io.cairn.core.driver;

import io.vavr.control.Option;

/**
 * Carries intents out on a backend. Thread-safe: the caller serialises calls about one id, calls about different ids come in
 * parallel, each on a virtual thread.
 *
 * <p>Every method is idempotent under the id it is given: called again after a crash at any instruction of the first call, it
 * completes what was begun and answers the same. {@code release…} and {@code remove…} succeed when there is nothing left.
 * A method that throws may leave things half done; the matching {@code release…} or {@code remove…} undoes them.
 *
 * <p>Every method returns or throws within a deadline of its own; none waits for ever on its backend.
 */
public interface Driver extends AutoCloseable {
    /** Name by which configuration and journal know it, for example {@code runc}. */
    String name();

    /** One line for operators and the journal: backend, version, paths. */
    String describe();

    /** Asked at every CRI Status call; must be cheap. */
    Health health();

    /**
     * What of the optional things the backend can do for pods of a runtime handler of this driver; the empty one is the driver's own.
     * What is missing is answered UNIMPLEMENTED with the driver's name. Asked at every CRI Status call; must be cheap.
     */
    Features features(String runtimeHandler);

    /** The cgroup driver the kubelet must use too. */
    CgroupDriver cgroupDriver();

    ImageBackend images();

    ResourceBackend resources();

    StreamBackend streams();

    default CheckpointBackend checkpoints() {
        return new NoCheckpoints(name());
    }

    /** Makes the pod's ground: namespaces, files, shared memory, and whatever process holds them. No network yet. */
    SandboxGround prepareSandbox(SandboxSpec spec) throws DriverException;

    /** Takes away what {@link #prepareSandbox} made that holds kernel resources. The network is detached already. */
    void releaseSandbox(String sandboxId) throws DriverException;

    /** Takes away every trace of a released sandbox. */
    void removeSandbox(String sandboxId) throws DriverException;

    /** Makes a container ready to start; no process of it exists afterwards. */
    CreatedContainer createContainer(ContainerSpec spec) throws DriverException;

    /** Starts the container's program. Never called twice for one id unless {@link #probeContainer} said it had not started. */
    StartedContainer startContainer(String containerId) throws DriverException;

    /**
     * Takes back what is left of a start that has not come to run the program; one that has is left alone. Only called when
     * {@link #probeContainer} said that the program has not run, and no start of it is tried afterwards.
     */
    void abandonStart(String containerId) throws DriverException;

    /** Sends a signal (number as in signal(7)) to the container's main process; one that has exited is left alone. */
    void signalContainer(String containerId, int signal) throws DriverException;

    /** Kills what still runs and takes away every trace of the container. */
    void removeContainer(String containerId) throws DriverException;

    /** Runs a command in a running container to its end, or to its time limit. */
    ExecResult exec(ExecSpec spec) throws DriverException;

    /** Ends what is left of a command whose caller is gone. */
    void abandonExec(String containerId, String execId) throws DriverException;

    SandboxProbe probeSandbox(String sandboxId) throws DriverException;

    ContainerProbe probeContainer(String containerId) throws DriverException;

    /** Everything the backend holds under our mark. */
    Inventory inventory() throws DriverException;

    /**
     * Reports exits from now on, and those of the watched containers that happened while nobody listened.
     *
     * @param sink may be called on any thread, more than once for one exit
     */
    void observe(ObservationSink sink);

    /** The engine says a container runs: it is to be watched by process as well as by exit record, until it exits. */
    void watch(String containerId, long pid);

    /** Free-form facts for verbose status, by key; values are JSON. */
    Option<String> inspect(String containerId);

    /** Stops observing. What runs goes on running. */
    @Override
    void close();
}
