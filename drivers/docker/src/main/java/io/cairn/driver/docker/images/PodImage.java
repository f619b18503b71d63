package io.cairn.driver.docker.images;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.dockerjava.api.command.InspectImageResponse;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.PullObserver;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.PodInit;
import io.cairn.images.TarWriter;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.Platform;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The image of the containers that hold pods: a reference like any other's, or one that is made here, of {@link PodInit} alone, so that
 * a node needs no registry for its pods. It has a name of its own in the engine and is never removed. Thread-safe.
 */
public final class PodImage {
    private static final String PROGRAM = "init";
    private static final Duration LOAD_STALLED_MAX = Duration.ofMinutes(2);

    private final Engine engine;
    private final DockerImages images;
    private final ImageNames names;
    private final Option<String> reference;

    /** @param reference none: the one that is made here */
    public PodImage(Engine engine, DockerImages images, Option<String> reference) {
        this.engine = engine;
        this.images = images;
        this.names = images.names();
        this.reference = reference;
    }

    /** Brings it to the engine if it is not there. @return its id */
    public String id() throws DriverException {
        String tag = names.podTag(reference);
        Option<InspectImageResponse> there = engine.image(names.repository() + ":" + tag);
        if (there.isDefined()) {
            return there.get().getId();
        }
        return reference.isDefined() ? pull(reference.get(), tag) : make(tag);
    }

    private String pull(String reference, String tag) throws DriverException {
        String canonical = images.canonical(reference).getOrElseThrow(why -> Failures.invalid("drivers.docker.pause_image: %s", why));
        String id = images.pull(canonical, Credentials.NONE, PullObserver.NONE).id();
        engine.tagImage(id, names.repository(), tag);
        return id;
    }

    private String make(String tag) throws DriverException {
        EngineStore.require(engine.info());
        byte[] layer = layer();
        byte[] config = config(Digest.of(layer)).toString().getBytes(StandardCharsets.UTF_8);
        engine.loadImage(new DockerArchive(config, names.repository() + ":" + tag, Vector.of(Option.some(DockerArchive.Content.of(layer)))),
                LOAD_STALLED_MAX);
        return Digest.of(config).toString();
    }

    private static byte[] layer() throws DriverException {
        var bytes = new ByteArrayOutputStream();
        try {
            var tar = new TarWriter(bytes);
            tar.program(PROGRAM, PodInit.program(System.getProperty("os.arch")));
            tar.end();
        } catch (IOException e) {
            throw new IllegalStateException("Expected to write into memory, but it failed", e);
        }
        return bytes.toByteArray();
    }

    private static ObjectNode config(Digest diffId) {
        Platform platform = Platform.current();
        ObjectNode config = JsonNodeFactory.instance.objectNode().put("architecture", platform.architecture()).put("os", platform.os());
        config.putObject("config").putArray("Entrypoint").add("/" + PROGRAM);
        config.putObject("rootfs").put("type", "layers").putArray("diff_ids").add(diffId.toString());
        config.putArray("history").addObject().put("created_by", "cairn");
        return config;
    }
}
