package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecSpec;
import io.cairn.driver.host.ConnectedExec;
import io.cairn.driver.host.Command;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.StoredSpec;
import io.cairn.linux.Descriptor;
import io.cairn.linux.Poller;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;

/** Starts a command that a client is connected to. */
record ExecOpening(Backend backend) {
    Session open(ExecSpec spec, Stdio stdio) throws DriverException {
        RuncFiles files = backend.layout().container(Requests.id(spec.containerId()));
        try {
            Container container = Execs.running(files, "run a command in");
            var execs = new Execs(backend);
            Conmon.Execution job = execs.job(files, spec.id(), Option.some(container));
            try {
                FileTrees.directory(job.directory());
                FileTrees.write(job.process(), StoredSpec.process(files, spec, stdio.tty()));
                return stdio.tty() ? underTerminal(spec, container, job, stdio) : passingThrough(spec, container, job, stdio);
            } catch (DriverException | IOException | RuntimeException e) {
                execs.abandon(spec.containerId(), spec.id());
                throw e;
            }
        } catch (IOException e) {
            throw Failures.io("Cannot run a command in container " + spec.containerId(), e);
        }
    }

    private Session passingThrough(ExecSpec spec, Container container, Conmon.Execution job, Stdio stdio) throws IOException, DriverException {
        var pipes = new Pipes(backend.poller());
        try {
            Descriptor.Pipe answer = pipes.toRead();
            Option<Descriptor.Pipe> stdin = stdio.stdin() ? Option.some(pipes.toWrite()) : Option.none();
            Option<Descriptor.Pipe> stdout = stdio.stdout() ? Option.some(pipes.toRead()) : Option.none();
            Option<Descriptor.Pipe> stderr = stdio.stderr() ? Option.some(pipes.toRead()) : Option.none();
            Map<Integer, Descriptor.Pipe> given = HashMap.of(Conmon.SYNC_PIPE, answer).merge(Vector.of(stdin, stdout, stderr).zipWithIndex()
                    .filter(pipe -> pipe._1().isDefined()).toMap(pipe -> pipe._2(), pipe -> pipe._1().get()));
            start(backend.conmon().passingThrough(job), given);
            pipes.handOver();
            var answers = new ConmonAnswers(answer.ours());
            awaitStart(spec, job, answers);
            return new PipedExec(new RunningExec(backend, container, job, answers), stdin.map(Descriptor.Pipe::ours),
                    stdout.map(Descriptor.Pipe::ours), stderr.map(Descriptor.Pipe::ours));
        } catch (IOException | DriverException | RuntimeException e) {
            pipes.close();
            throw e;
        }
    }

    /** Whoever wants to see all must be there before the command begins; conmon waits for that. */
    private Session underTerminal(ExecSpec spec, Container container, Conmon.Execution job, Stdio stdio) throws IOException, DriverException {
        var pipes = new Pipes(backend.poller());
        try {
            Descriptor.Pipe answer = pipes.toRead();
            Descriptor.Pipe go = pipes.toWrite();
            Descriptor.Pipe attachable = pipes.toRead();
            // The first byte lets conmon begin, the second one the command.
            go.ours().write(new byte[] {0}, 0, 1);
            start(backend.conmon().underTerminal(job),
                    HashMap.of(Conmon.SYNC_PIPE, answer, Conmon.START_PIPE, go, Conmon.ATTACH_PIPE, attachable));
            pipes.handOver();
            var ready = new ConmonAnswers(attachable.ours());
            if (ready.next(backend.conmon().deadline()).path("data").asLong(-1) != 0) {
                throw Failures.failed("Cannot run command %s in container %s: its monitor offers no terminal", ConnectedExec.shown(spec),
                        spec.containerId());
            }
            var streams = new ConmonStreams(Descriptor.connect(backend.poller(), job.attachSocket()), stdio);
            go.ours().write(new byte[] {0}, 0, 1);
            go.ours().close();
            attachable.ours().close();
            var answers = new ConmonAnswers(answer.ours());
            try {
                awaitStart(spec, job, answers);
            } catch (IOException | DriverException e) {
                streams.close();
                throw e;
            }
            return new TerminalExec(new RunningExec(backend, container, job, answers), streams, stdio.stdin());
        } catch (IOException | DriverException | RuntimeException e) {
            pipes.close();
            throw e;
        }
    }

    private static void start(Command command, Map<Integer, Descriptor.Pipe> pipes) throws DriverException {
        int code = command.runWith(pipes.mapValues(Descriptor.Pipe::theirs));
        if (code != 0) {
            throw Failures.failed("%s: the monitor ended with exit code %d", command.title(), code);
        }
    }

    private void awaitStart(ExecSpec spec, Conmon.Execution job, ConmonAnswers answers) throws IOException, DriverException {
        var answer = answers.next(backend.conmon().deadline());
        if (answer.path("data").asLong(-1) <= 0) {
            String said = answer.path("message").asText().replaceAll("\\p{Cntrl}+", " ").strip();
            throw Failures.failed("Cannot run command %s in container %s: %s", ConnectedExec.shown(spec), spec.containerId(),
                    OciRuntime.logged(job.runtimeLog()).getOrElse(said.isEmpty() ? "the monitor ended without saying why" : said));
        }
    }

    /** The pipes of one command: all handed over at once, or all closed. */
    private static final class Pipes {
        private final Poller poller;
        private List<Descriptor.Pipe> all = List.empty();
        private boolean handedOver;

        Pipes(Poller poller) {
            this.poller = poller;
        }

        Descriptor.Pipe toRead() throws IOException {
            return keep(Descriptor.toRead(poller));
        }

        Descriptor.Pipe toWrite() throws IOException {
            return keep(Descriptor.toWrite(poller));
        }

        private Descriptor.Pipe keep(Descriptor.Pipe pipe) {
            all = all.prepend(pipe);
            return pipe;
        }

        void handOver() {
            handedOver = true;
            all.forEach(Descriptor.Pipe::handedOver);
        }

        void close() {
            all.forEach(pipe -> pipe.ours().close());
            if (!handedOver) {
                all.forEach(Descriptor.Pipe::handedOver);
            }
        }
    }
}
