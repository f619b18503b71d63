package io.cairn.streaming;

import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves an exec or an attachment once all its lanes are there: opens the session, carries bytes both ways, tells how it ended. */
record RemoteCommand(Endpoint.Opener<Session> opener, Statuses statuses, Wire wire) {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteCommand.class);
    static final int PIECE_BYTES = 32 * 1024;

    /** Lanes by what they are for; those that were not asked for are none. */
    record Lanes(Option<Lane> stdin, Option<Lane> stdout, Option<Lane> stderr, Lane error, Option<Lane> resize) {}

    /** Returns when all is over; on a thread of its own. */
    void serve(Lanes lanes) {
        byte[] status;
        try {
            Either<String, Session> opened = opener.open();
            status = opened.isLeft() ? statuses.failed(opened.getLeft()) : converse(opened.get(), lanes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            status = statuses.failed("interrupted");
        } catch (RuntimeException e) {
            LOG.error("A stream failed in a way it should not", e);
            status = statuses.failed("internal error: " + e.getClass().getSimpleName());
        }
        lanes.stdout().forEach(Lane::end);
        lanes.stderr().forEach(Lane::end);
        tell(lanes.error(), status);
        wire.finish();
    }

    private byte[] converse(Session session, Lanes lanes) throws InterruptedException {
        try (session) {
            wire.onGone(session::close);
            lanes.stdin().forEach(lane -> Thread.startVirtualThread(() -> bring(lane.input(), session.stdin())));
            lanes.resize().forEach(lane -> Thread.startVirtualThread(() -> resize(lane.input(), session)));
            Thread stdout = Thread.startVirtualThread(() -> take(session.stdout(), lanes.stdout()));
            Thread stderr = Thread.startVirtualThread(() -> take(session.stderr(), lanes.stderr()));
            Option<Integer> exitCode = session.await();
            stdout.join();
            stderr.join();
            return statuses.ended(exitCode.getOrElse(0));
        } catch (IOException e) {
            return statuses.failed(e.getMessage());
        }
    }

    /** Input of a program that does not read it is dropped, as a shell does. A client that is gone has not said its last word. */
    private static void bring(InputStream client, OutputStream stdin) {
        byte[] piece = new byte[PIECE_BYTES];
        try (client) {
            for (int count = client.read(piece); count >= 0; count = client.read(piece)) {
                stdin.write(piece, 0, count);
                stdin.flush();
            }
            stdin.close();
        } catch (IOException e) {
            LOG.debug("Input ends early: {}", e.getMessage());
        }
    }

    private static void take(InputStream output, Option<Lane> lane) {
        byte[] piece = new byte[PIECE_BYTES];
        try {
            for (int count = output.read(piece); count >= 0; count = output.read(piece)) {
                if (lane.isDefined()) {
                    lane.get().write(piece, 0, count);
                }
            }
        } catch (IOException e) {
            LOG.debug("Output ends early: {}", e.getMessage());
        }
    }

    private static void resize(InputStream client, Session session) {
        try (client) {
            Resizes.follow(client, session::resize);
        } catch (IOException e) {
            LOG.debug("No more sizes: {}", e.getMessage());
        }
    }

    private static void tell(Lane error, byte[] status) {
        try {
            if (status.length > 0) {
                error.write(status, 0, status.length);
            }
            error.end();
        } catch (IOException e) {
            LOG.debug("The client did not hear how it ended: {}", e.getMessage());
        }
    }
}
