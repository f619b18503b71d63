package io.cairn.images;

import com.github.luben.zstd.Zstd;
import io.cairn.images.registry.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** An image made for a test: blobs by digest, and a manifest. */
public final class TestImage {
    public enum Packing { NONE, GZIP, ZSTD }

    public static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

    public final Map<Digest, byte[]> blobs = new LinkedHashMap<>();
    public final List<Digest> layers = new ArrayList<>();
    public final Digest configDigest;
    public final byte[] manifest;
    public final String manifestType;

    private TestImage(String manifestType, String architecture, String runConfig, Packing packing, List<byte[]> tars) {
        this.manifestType = manifestType;
        var diffIds = new ArrayList<String>();
        var descriptors = new ArrayList<String>();
        for (byte[] tar : tars) {
            byte[] packed = pack(packing, tar);
            diffIds.add("\"" + Digest.of(tar) + "\"");
            layers.add(Digest.of(packed));
            blobs.put(Digest.of(packed), packed);
            descriptors.add(descriptor(layerType(packing), packed));
        }
        byte[] config = utf8("""
                {"architecture":"%s","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]}}"""
                .formatted(architecture, runConfig, String.join(",", diffIds)));
        configDigest = Digest.of(config);
        blobs.put(configDigest, config);
        manifest = utf8("""
                {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}"""
                .formatted(manifestType, descriptor(configType(), config), String.join(",", descriptors)));
    }

    public static TestImage of(byte[]... tars) {
        return of(Packing.GZIP, tars);
    }

    public static TestImage of(Packing packing, byte[]... tars) {
        return new TestImage(packing == Packing.ZSTD ? OCI_MANIFEST : DOCKER_MANIFEST, "amd64", "{}", packing, List.of(tars));
    }

    public static TestImage built(String manifestType, String architecture, String runConfig, Packing packing, byte[]... tars) {
        return new TestImage(manifestType, architecture, runConfig, packing, List.of(tars));
    }

    public Digest manifestDigest() {
        return Digest.of(manifest);
    }

    private boolean isOci() {
        return manifestType.equals(OCI_MANIFEST);
    }

    private String configType() {
        return isOci() ? "application/vnd.oci.image.config.v1+json" : "application/vnd.docker.container.image.v1+json";
    }

    private String layerType(Packing packing) {
        String base = isOci() ? "application/vnd.oci.image.layer.v1.tar" : "application/vnd.docker.image.rootfs.diff.tar";
        return base + switch (packing) {
            case NONE -> "";
            case GZIP -> isOci() ? "+gzip" : ".gzip";
            case ZSTD -> isOci() ? "+zstd" : ".zstd";
        };
    }

    public static String descriptor(String type, byte[] content) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(type, Digest.of(content), content.length);
    }

    /** An index of manifests, each with a platform written as {@code os/architecture[/variant]}. */
    public static byte[] index(String type, Map<String, TestImage> images) {
        var entries = new ArrayList<String>();
        images.forEach((platform, image) -> {
            String[] parts = platform.split("/");
            String variant = parts.length > 2 ? ",\"variant\":\"" + parts[2] + "\"" : "";
            String descriptor = descriptor(image.manifestType, image.manifest);
            entries.add(descriptor.substring(0, descriptor.length() - 1)
                    + ",\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"%s}}".formatted(parts[0], parts[1], variant));
        });
        return utf8("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}".formatted(type, String.join(",", entries)));
    }

    public static byte[] gzip(byte[] content) {
        try {
            var out = new ByteArrayOutputStream();
            try (var gzip = new GZIPOutputStream(out)) {
                gzip.write(content);
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] pack(Packing packing, byte[] tar) {
        return switch (packing) {
            case NONE -> tar;
            case GZIP -> gzip(tar);
            case ZSTD -> Zstd.compress(tar);
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
