package io.cairn.driver.host;

import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageBackend;
import io.cairn.core.driver.PullObserver;
import io.cairn.core.driver.PulledImage;
import io.cairn.images.registry.RegistryOptions;
import io.cairn.testkit.LoopbackRegistry;
import io.cairn.testkit.OciImage;
import io.cairn.testkit.TestImages;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A real registry, for the images of a driver to be pulled from. */
public abstract class ImagesFixture {
    @TempDir
    protected Path directory;
    protected LoopbackRegistry registry;
    protected TestImages busybox;

    /** The images under test. */
    protected abstract ImageBackend images();

    @BeforeEach
    protected final void startRegistry() throws Exception {
        registry = LoopbackRegistry.start(directory.resolve("registry"));
        busybox = new TestImages();
    }

    @AfterEach
    protected final void stopRegistry() throws Exception {
        registry.close();
    }

    /** How the registry is asked: as a driver does, but without this machine's settings, and soon content with a failure. */
    protected final RegistryOptions registryOptions() {
        return RegistryOptions.defaults().withHostsDirectories(List.of(directory.resolve("certs.d"))).withRetries(1, 10)
                .withEnvironment(HashMap.empty());
    }

    /** An image of two layers; the lower one is the same for all. */
    protected final OciImage push(String name, String greeting) throws Exception {
        OciImage image = busybox.busybox().files(Map.of("etc/greeting", greeting)).command("cat", "/etc/greeting").build();
        registry.push(image, name, "1");
        return image;
    }

    protected final String reference(String name) {
        return registry.address() + "/" + name + ":1";
    }

    protected final PulledImage pull(String reference) throws DriverException {
        return images().pull(reference, Credentials.NONE, PullObserver.NONE);
    }

    /** Has the registry give nothing but zeros for this digest. */
    protected final void damage(String digest) throws Exception {
        Path blob = registry.blob(digest);
        Files.write(blob, new byte[(int) Files.size(blob)]);
    }
}
