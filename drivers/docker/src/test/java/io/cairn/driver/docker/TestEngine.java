package io.cairn.driver.docker;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.cairn.driver.host.AwayContract;
import io.cairn.driver.host.DriverFixture;
import io.cairn.testkit.DockerProcess;
import io.vavr.collection.HashMap;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Debian's Docker Engine, for as long as a class of tests runs; apart from the driver's directory, below which nothing may be left. It is there
 * before a driver is opened and until it is closed.
 */
final class TestEngine implements AwayContract.Daemon, BeforeAllCallback, AfterAllCallback {
    private final boolean liveRestore;
    private DockerProcess docker;

    /** @param liveRestore whether containers outlive it */
    TestEngine(boolean liveRestore) {
        this.liveRestore = liveRestore;
    }

    @Override
    public void beforeAll(ExtensionContext tests) throws Exception {
        docker = DockerProcess.start(Files.createTempDirectory("cairn-docker-").resolve("d"), liveRestore);
    }

    @Override
    public void afterAll(ExtensionContext tests) throws Exception {
        // One that could not be started has left nothing, and said why.
        if (docker != null) {
            Path root = docker.socket().getParent().getParent();
            docker.close();
            Files.delete(root);
        }
    }

    DockerProcess docker() {
        return docker;
    }

    Driver open(Path directory) throws Exception {
        return open(directory, HashMap.empty());
    }

    /** @param more settings, in place of those that are usual */
    Driver open(Path directory, HashMap<String, String> more) throws Exception {
        Path state = Files.createDirectories(directory.resolve("state"));
        Path run = Files.createDirectories(directory.resolve("run"));
        return new DockerDriverProvider().open(new DriverContext(state, run, more.merge(DriverFixture.hostSettings(directory)).merge(HashMap.of(
                "drivers.docker.socket", socket().toString(), "drivers.docker.owner", "cairn", "drivers.docker.pause_image", "builtin",
                "drivers.docker.engine_stats", "off", "drivers.docker.call_timeout", "30s")), HashMap.empty()));
    }

    @Override
    public Path socket() {
        return docker.socket();
    }

    @Override
    public void kill() throws Exception {
        docker.kill();
    }

    @Override
    public void stop() throws Exception {
        docker.stop();
    }

    @Override
    public void startAgain() throws Exception {
        docker.startAgain();
    }
}
