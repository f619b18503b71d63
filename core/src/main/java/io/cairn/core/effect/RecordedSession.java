package io.cairn.core.effect;

import io.cairn.proto.journal.Failure;
import io.cairn.streaming.Session;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/** A session whose end goes on record before anybody is told of it. */
record RecordedSession(Session session, Consumer<Either<Failure, Option<Integer>>> record) implements Session {
    @Override
    public OutputStream stdin() {
        return session.stdin();
    }

    @Override
    public InputStream stdout() {
        return session.stdout();
    }

    @Override
    public InputStream stderr() {
        return session.stderr();
    }

    @Override
    public void resize(int columns, int rows) throws IOException {
        session.resize(columns, rows);
    }

    @Override
    public Option<Integer> await() throws IOException, InterruptedException {
        try {
            Option<Integer> exitCode = session.await();
            record.accept(Either.right(exitCode));
            return exitCode;
        } catch (IOException | InterruptedException e) {
            record.accept(Either.left(Failures.failure(Failure.Kind.FAILED, String.valueOf(e.getMessage()))));
            throw e;
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
