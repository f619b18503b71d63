package io.cairn.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.proto.cri.Mount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes images out of this machine's statically linked busybox. All share their lowest layer. */
public final class TestImages {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

    private final Layer base;

    /** @throws IOException if there is no busybox (Debian: busybox-static) */
    public TestImages() throws IOException, InterruptedException {
        var layer = new Layer.Builder();
        for (String dir : List.of("bin", "etc", "home", "home/web", "proc", "root", "sys", "dev", "usr", "usr/bin", "var", "www")) {
            layer.directory(dir, 0755);
        }
        layer.directory("tmp", 01777).file("bin/busybox", 0755, Files.readAllBytes(BUSYBOX));
        for (String applet : Tool.run(BUSYBOX.toString(), "--list").orThrow().lines().filter(a -> !a.equals("busybox")).toList()) {
            layer.link("bin/" + applet, "busybox");
        }
        layer.file("etc/passwd", 0644, utf8("root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/home/web:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"));
        layer.file("etc/group", 0644, utf8("root:x:0:\nweb:x:1000:\nstaff:x:4242:web\nnogroup:x:65534:\n"));
        this.base = layer.build();
    }

    private TestImages(Layer base) {
        this.base = base;
    }

    /**
     * An image without a program: a place for this machine's busybox to be mounted at, and {@code sh} that leads to it. For tests
     * to which every file and every byte that is unpacked costs time.
     */
    public static OciImage hollow() throws IOException {
        var layer = new Layer.Builder();
        for (String dir : List.of("bin", "dev", "proc")) {
            layer.directory(dir, 0755);
        }
        Layer base = layer.file("bin/busybox", 0755, new byte[0]).link("bin/sh", "busybox").build();
        return new TestImages(base).busybox().build();
    }

    /** What a container of {@link #hollow} needs. */
    public static Mount program() {
        return Mount.newBuilder().setHostPath(BUSYBOX.toString()).setContainerPath("/bin/busybox").setReadonly(true).build();
    }

    /** An image of busybox alone, to be added to. */
    public Builder busybox() {
        return new Builder();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** One image's upper layers and configuration. */
    public final class Builder {
        private final List<Layer> layers = new ArrayList<>(List.of(base));
        private final ObjectNode config = JSON.createObjectNode();

        private Builder() {
            config.putArray("Env").add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
            command("sh");
        }

        /** A layer of these files: path without leading slash to content. */
        public Builder files(Map<String, String> contents) throws IOException {
            var layer = new Layer.Builder();
            for (var file : new TreeMap<>(contents).entrySet()) {
                layer.file(file.getKey(), 0755, utf8(file.getValue()));
            }
            layers.add(layer.build());
            return this;
        }

        public Builder command(String... words) {
            var array = config.putArray("Cmd");
            List.of(words).forEach(array::add);
            return this;
        }

        public Builder entrypoint(String... words) {
            var array = config.putArray("Entrypoint");
            List.of(words).forEach(array::add);
            return this;
        }

        public Builder env(String variable) {
            config.withArray("Env").add(variable);
            return this;
        }

        public Builder user(String user) {
            config.put("User", user);
            return this;
        }

        public Builder workingDirectory(String path) {
            config.put("WorkingDir", path);
            return this;
        }

        public Builder stopSignal(String signal) {
            config.put("StopSignal", signal);
            return this;
        }

        public OciImage build() throws JsonProcessingException {
            ObjectNode image = JSON.createObjectNode().put("architecture", architecture()).put("os", "linux");
            image.set("config", config);
            var diffIds = image.putObject("rootfs").put("type", "layers").putArray("diff_ids");
            layers.forEach(l -> diffIds.add(l.diffId()));
            var configBlob = new OciImage.Blob(CONFIG_TYPE, JSON.writeValueAsBytes(image));
            ObjectNode manifest = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", MANIFEST_TYPE);
            manifest.set("config", descriptor(configBlob));
            var array = manifest.putArray("layers");
            layers.forEach(l -> array.add(descriptor(l.blob())));
            return new OciImage(new OciImage.Blob(MANIFEST_TYPE, JSON.writeValueAsBytes(manifest)), configBlob,
                    Collections.unmodifiableList(layers.stream().map(Layer::blob).toList()));
        }

        private static ObjectNode descriptor(OciImage.Blob blob) {
            return JSON.createObjectNode().put("mediaType", blob.mediaType()).put("digest", blob.digest()).put("size", blob.bytes().length);
        }

        /** Go's names, which image configurations use. */
        private static String architecture() {
            return switch (System.getProperty("os.arch")) {
                case "amd64" -> "amd64";
                case "aarch64" -> "arm64";
                case String other -> other;
            };
        }
    }
}
