package io.cairn.core.cri;

import io.cairn.core.decide.Command;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.effect.ExecOperations;
import io.cairn.proto.cri.ExecSyncRequest;
import io.cairn.proto.cri.ExecSyncResponse;
import io.vavr.collection.Vector;
import java.util.concurrent.TimeUnit;

/** CRI ExecSync: runs a command in a container to its end. A command that outlives its time is DEADLINE_EXCEEDED. */
final class ExecSync implements Verb<ExecSyncRequest, ExecSyncResponse> {
    private final ExecOperations execs;
    private final Lookup lookup;

    ExecSync(ExecOperations execs, Lookup lookup) {
        this.execs = execs;
        this.lookup = lookup;
    }

    @Override
    public ExecSyncResponse serve(ExecSyncRequest request, Call call) {
        if (request.getCmdCount() == 0) {
            throw Call.invalid("cmd: expected a command, but it is empty");
        }
        if (request.getTimeout() < 0) {
            throw Call.invalid("timeout: expected seconds, or 0 for no limit, but got %d", request.getTimeout());
        }
        ExecResult result = call.unwrap(execs.exec(new Command.ExecInContainer(NewId.next(),
                lookup.container(request.getContainerId(), call).id(), Vector.ofAll(request.getCmdList()),
                TimeUnit.SECONDS.toMillis(request.getTimeout())), call.origin()));
        return ExecSyncResponse.newBuilder().setExitCode(result.exitCode()).setStdout(result.stdout()).setStderr(result.stderr()).build();
    }
}
