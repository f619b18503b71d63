package io.cairn.crash.points;

import io.cairn.crash.points.Kubelet.Box;
import io.cairn.proto.cri.ExecSyncRequest;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.cairn.testkit.LogLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What containers are made to write: each line is to come to the log, and once. */
final class Lines {
    private static final String LINE = "line-";

    private final Kubelet kubelet;

    Lines(Kubelet kubelet) {
        this.kubelet = kubelet;
    }

    /** Has a container write a line that no other is like. @throws IOException when it does not come to the log */
    void say(String name) throws Exception {
        Box box = kubelet.boxes.get(name);
        String line = LINE + ++box.linesAsked;
        // To where its own program writes, and only then to the mark: what is marked was written.
        String script = "echo %1$s > /proc/1/fd/1; echo %1$s >> /marks/%2$s.lines".formatted(line, box.mark());
        kubelet.cri.call(RuntimeServiceGrpc.getExecSyncMethod(), ExecSyncRequest.newBuilder().setContainerId(box.id).setTimeout(20)
                .addAllCmd(List.of("sh", "-c", script)).build());
        kubelet.await(line + " is in the log", () -> logged(box).contains(line));
    }

    /** What a container is known to have written. */
    List<String> written(Box box) throws IOException {
        Path mark = kubelet.marks.resolve(box.mark() + ".lines");
        return Files.exists(mark) ? Files.readAllLines(mark) : List.of();
    }

    /** What of it is in its logs, in their order. */
    List<String> logged(Box box) throws IOException {
        var lines = new ArrayList<String>();
        List<Path> logs = new ArrayList<>(rotated(kubelet.log(box)));
        logs.set(logs.size() - 1, kubelet.log(box));
        for (Path log : logs) {
            if (Files.exists(log)) {
                LogLine.of(log).stream().map(LogLine::text).filter(text -> text.startsWith(LINE)).forEach(lines::add);
            }
        }
        return lines;
    }

    /** Where a log is each time it was moved away, the oldest first; the last is not there yet. */
    static List<Path> rotated(Path log) {
        var files = new ArrayList<Path>();
        do {
            files.add(log.resolveSibling("%s.%d".formatted(log.getFileName(), files.size() + 1)));
        } while (Files.exists(files.getLast()));
        return files;
    }
}
