package io.cairn.driver.docker.images;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cairn.driver.docker.engine.ImageArchive;
import io.cairn.images.TarWriter;
import io.cairn.images.registry.Digest;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One image as {@code docker load} takes it. The file of a layer that the engine has already may be missing: it looks for the layer by its
 * chain id first.
 *
 * @param config byte for byte: its digest is the image's id
 * @param name the tag it gets
 * @param layers of the image, the lowest first, with or without their files
 */
record DockerArchive(byte[] config, String name, Vector<Option<Content>> layers) implements ImageArchive {
    /** What a file of it holds. */
    @FunctionalInterface
    interface Content {
        void writeTo(TarWriter tar, String name) throws IOException;

        static Content of(byte[] bytes) {
            return (tar, name) -> tar.file(name, bytes.length, new ByteArrayInputStream(bytes));
        }

        static Content of(Path file) {
            return (tar, name) -> {
                try (InputStream content = Files.newInputStream(file)) {
                    tar.file(name, Files.size(file), content);
                }
            };
        }
    }

    @Override
    public void writeTo(OutputStream output) throws IOException {
        var tar = new TarWriter(output);
        String configFile = Digest.of(config).hex() + ".json";
        Content.of(config).writeTo(tar, configFile);
        Content.of(manifest(configFile).toString().getBytes(StandardCharsets.UTF_8)).writeTo(tar, "manifest.json");
        for (int i = 0; i < layers.size(); i++) {
            for (Content layer : layers.get(i)) {
                layer.writeTo(tar, layerFile(i));
            }
        }
        tar.end();
    }

    private static String layerFile(int index) {
        return "layer-%d.tar".formatted(index);
    }

    private ArrayNode manifest(String configFile) {
        ArrayNode manifest = JsonNodeFactory.instance.arrayNode();
        var image = manifest.addObject().put("Config", configFile);
        image.putArray("RepoTags").add(name);
        var files = image.putArray("Layers");
        for (int i = 0; i < layers.size(); i++) {
            files.add(layerFile(i));
        }
        return manifest;
    }
}
