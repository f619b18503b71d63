package io.cairn.driver.containerd;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.io.StdioPaths;
import io.cairn.driver.containerd.proto.runc.CheckpointOptions;
import io.cairn.driver.containerd.proto.task.Process;
import io.cairn.driver.containerd.proto.task.Status;
import io.cairn.driver.containerd.proto.tasks.CheckpointTaskRequest;
import io.cairn.driver.containerd.proto.tasks.CloseIORequest;
import io.cairn.driver.containerd.proto.tasks.CreateTaskRequest;
import io.cairn.driver.containerd.proto.tasks.DeleteProcessRequest;
import io.cairn.driver.containerd.proto.tasks.DeleteTaskRequest;
import io.cairn.driver.containerd.proto.tasks.ExecProcessRequest;
import io.cairn.driver.containerd.proto.tasks.GetRequest;
import io.cairn.driver.containerd.proto.tasks.KillRequest;
import io.cairn.driver.containerd.proto.tasks.ListTasksRequest;
import io.cairn.driver.containerd.proto.tasks.PauseTaskRequest;
import io.cairn.driver.containerd.proto.tasks.ResizePtyRequest;
import io.cairn.driver.containerd.proto.tasks.ResumeTaskRequest;
import io.cairn.driver.containerd.proto.tasks.StartRequest;
import io.cairn.driver.containerd.proto.tasks.TasksGrpc;
import io.cairn.driver.containerd.proto.tasks.UpdateTaskRequest;
import io.cairn.driver.containerd.proto.tasks.WaitRequest;
import io.cairn.driver.host.Failures;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;

/** containerd's task service: the truth about processes. The empty exec id is a container's main process. Thread-safe. */
record Tasks(Connection containerd) {
    static final String MAIN = "";
    private static final Duration LEFT_BEHIND_MAX = Duration.ofSeconds(2);

    private static final String PROCESS_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Process";
    private static final String CHECKPOINT_TYPE = "containerd.runc.v1.CheckpointOptions";
    private static final String RESOURCES_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources";

    private TasksGrpc.TasksBlockingStub service() {
        return TasksGrpc.newBlockingStub(containerd.channel());
    }

    /** Makes the process, which waits to be let go. Its root is mounted already. @return its pid */
    long create(String id, StdioPaths paths, boolean terminal) throws DriverException {
        return create(id, paths, terminal, Any.getDefaultInstance());
    }

    /**
     * Makes a task whose processes come back when it is started; it has none until then.
     *
     * @param options of its runtime, with what they come back from
     */
    void createRestored(String id, StdioPaths paths, boolean terminal, Any options) throws DriverException {
        create(id, paths, terminal, options);
    }

    private long create(String id, StdioPaths paths, boolean terminal, Any options) throws DriverException {
        var request = CreateTaskRequest.newBuilder().setContainerId(id).setStdin(paths.stdin()).setStdout(paths.stdout())
                .setStderr(paths.stderr()).setTerminal(terminal);
        if (!options.getTypeUrl().isEmpty()) {
            request.setOptions(options);
        }
        return containerd.call("create the task of " + id, () -> service().create(request.build())).getPid();
    }

    void start(String id) throws DriverException {
        containerd.call("start container " + id, () -> service().start(StartRequest.newBuilder().setContainerId(id).build()));
    }

    /** None when there is no such process; one that has ended is there until it is deleted. Its status is unknown while its shim is silent. */
    Option<Process> find(String id, String execId) throws DriverException {
        return containerd.find("look at the task of " + id,
                () -> service().get(GetRequest.newBuilder().setContainerId(id).setExecId(execId).build()).getProcess());
    }

    /**
     * As {@link #find}, of a main process, for who goes by what it does: containerd gives a shim 2 s to say that, and has a task of unknown
     * status for what has not answered.
     *
     * @throws DriverException UNAVAILABLE, too, while the shim does something about the task
     */
    Option<Process> state(String id) throws DriverException {
        Option<Process> task = find(id, MAIN);
        if (task.exists(found -> found.getStatus() == Status.UNKNOWN)) {
            throw Failures.of(Failure.Kind.UNAVAILABLE, "Cannot look at the task of %s: containerd at %s has no answer from its shim", id,
                    containerd.socket());
        }
        return task;
    }

    /** Ids of all containers that have a task. */
    Set<String> ids() throws DriverException {
        return HashSet.ofAll(containerd.call("list tasks", () -> service().list(ListTasksRequest.getDefaultInstance())).getTasksList())
                .map(process -> process.getId().isEmpty() ? process.getContainerId() : process.getId());
    }

    /** Of one that has ended. */
    void delete(String id) throws DriverException {
        containerd.find("delete the task of " + id, () -> service().delete(DeleteTaskRequest.newBuilder().setContainerId(id).build()));
    }

    /** @param process JSON of the OCI runtime specification's process */
    void addExec(String id, String execId, StdioPaths paths, boolean terminal, byte[] process) throws DriverException {
        var request = ExecProcessRequest.newBuilder().setContainerId(id).setExecId(execId).setStdin(paths.stdin()).setStdout(paths.stdout())
                .setStderr(paths.stderr()).setTerminal(terminal)
                .setSpec(Any.newBuilder().setTypeUrl(PROCESS_TYPE).setValue(ByteString.copyFrom(process))).build();
        containerd.call("add a command to container " + id, () -> service().exec(request));
    }

    long startExec(String id, String execId) throws DriverException {
        var request = StartRequest.newBuilder().setContainerId(id).setExecId(execId).build();
        return containerd.call("start a command in container " + id, () -> service().start(request)).getPid();
    }

    /** Waits for the end of a command. @return its exit code; none when there is no such command */
    Option<Integer> await(String id, String execId, Duration timeout) throws DriverException {
        var request = WaitRequest.newBuilder().setContainerId(id).setExecId(execId).build();
        return containerd.find("wait for a command in container " + id, () -> service().withDeadlineAfter(timeout).wait(request))
                .map(answer -> answer.getExitStatus());
    }

    /**
     * Of one that has ended. What it has left behind may hold its output for good: shims of containerd 2 wait for that, for 10 s or until
     * the deadline of the call, and delete it then.
     */
    void deleteExec(String id, String execId) throws DriverException {
        var request = DeleteProcessRequest.newBuilder().setContainerId(id).setExecId(execId).build();
        try {
            containerd.find("delete a command in container " + id, () -> service().withDeadlineAfter(LEFT_BEHIND_MAX).deleteProcess(request));
        } catch (DriverException e) {
            if (e.kind() != Failure.Kind.TIMED_OUT) {
                throw e;
            }
        }
    }

    void kill(String id, String execId, int signal) throws DriverException {
        var request = KillRequest.newBuilder().setContainerId(id).setExecId(execId).setSignal(signal).build();
        containerd.find("send signal %d to %s".formatted(signal, id), () -> service().kill(request));
    }

    void closeStdin(String id, String execId) throws DriverException {
        var request = CloseIORequest.newBuilder().setContainerId(id).setExecId(execId).setStdin(true).build();
        containerd.find("close the input of " + id, () -> service().closeIO(request));
    }

    void resize(String id, String execId, int columns, int rows) throws DriverException {
        var request = ResizePtyRequest.newBuilder().setContainerId(id).setExecId(execId).setWidth(columns).setHeight(rows).build();
        containerd.find("resize the terminal of " + id, () -> service().resizePty(request));
    }

    /** @param resources JSON of the OCI runtime specification's Linux resources */
    void update(String id, byte[] resources) throws DriverException {
        var request = UpdateTaskRequest.newBuilder().setContainerId(id)
                .setResources(Any.newBuilder().setTypeUrl(RESOURCES_TYPE).setValue(ByteString.copyFrom(resources))).build();
        containerd.call("update container " + id, () -> service().update(request));
    }

    void pause(String id) throws DriverException {
        containerd.call("pause container " + id, () -> service().pause(PauseTaskRequest.newBuilder().setContainerId(id).build()));
    }

    void resume(String id) throws DriverException {
        containerd.call("resume container " + id, () -> service().resume(ResumeTaskRequest.newBuilder().setContainerId(id).build()));
    }

    /**
     * Has the processes of a container written down, with file locks and open connections; they are left as they are.
     *
     * @param images where to
     * @param work where CRIU works
     * @param limit none: as for any call
     */
    void checkpoint(String id, Path images, Path work, Option<Duration> limit) throws DriverException {
        var options = CheckpointOptions.newBuilder().setOpenTcp(true).setFileLocks(true).setImagePath(images.toString())
                .setWorkPath(work.toString()).build();
        var request = CheckpointTaskRequest.newBuilder().setContainerId(id)
                .setOptions(Any.newBuilder().setTypeUrl(CHECKPOINT_TYPE).setValue(options.toByteString())).build();
        var service = limit.map(time -> service().withDeadlineAfter(time)).getOrElse(this::service);
        containerd.call("checkpoint container " + id, () -> service.checkpoint(request));
    }
}
