package io.cairn.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cairn.core.driver.ExitReport;
import io.cairn.proto.journal.Evidence;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
class WatchTest {
    private static final ExitReport REPORT = new ExitReport(Option.some(3), false, 1, 2, Evidence.getDefaultInstance());
    private static final Map<String, Watched> KNOWN = HashMap.of("seven", new Over(7), "eight", new Over(8));

    @TempDir
    private Path directory;
    private final Exited exited = new Exited();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Watch.class);
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();
    private Watch watch;

    /** A container that has ended when it is looked at. */
    private record Over(StartRecord started) implements Watched {
        Over(long pid) {
            this(new StartRecord("boot", new ProcessRef(pid, 1), 1, Option.none()));
        }

        @Override
        public boolean isAlive() {
            return false;
        }

        @Override
        public Look look() {
            return new Look.Ended(REPORT);
        }
    }

    @BeforeEach
    void start() throws Exception {
        said.start();
        logger.addAppender(said);
        watch = Watch.start("test", KNOWN::get, LastSeen.open(directory.resolve("alive")), exited);
    }

    @AfterEach
    void stop() {
        watch.close();
        logger.detachAppender(said);
    }

    private List<String> words() {
        watch.close();
        return said.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void aContainerThatHasEndedBeforeAnybodyAskedIsTold() throws Exception {
        watch.watch("seven", 7);
        assertThat(exited.await("seven")).isEqualTo(REPORT);
        assertThat(words()).isEmpty();
    }

    @Test
    void anotherProcessThanTheFilesKnowIsToldInTheLogAndTheirsIsWatched() throws Exception {
        watch.watch("seven", 70);
        assertThat(exited.await("seven")).isEqualTo(REPORT);
        assertThat(words()).containsExactly("Asked to watch process 70 of container seven, but its files know process 7");
    }

    @Test
    void whatTheFilesDoNotKnowIsToldInTheLogAndNotWatched() throws Exception {
        watch.watch("nobody", 9);
        watch.watch("eight", 8);
        exited.await("eight");
        assertThat(exited.has("nobody")).isFalse();
        assertThat(words()).containsExactly("Asked to watch process 9 of container nobody, but its files know no process");
    }
}
