package io.cairn.images.registry;

import io.vavr.collection.HashSet;
import io.vavr.collection.Set;

/** The media types of OCI image-spec and of Docker's image manifest v2, schema 2. */
final class MediaTypes {
    static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

    static final Set<String> INDEXES = HashSet.of(OCI_INDEX, DOCKER_LIST);
    static final Set<String> MANIFESTS = HashSet.of(OCI_MANIFEST, DOCKER_MANIFEST);
    static final Set<String> CONFIGS =
            HashSet.of("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json");
    /** How a layer is packed is seen from its first bytes; the type only tells layers from other things. */
    static final Set<String> LAYERS = HashSet.of(
            "application/vnd.oci.image.layer.v1.tar",
            "application/vnd.oci.image.layer.v1.tar+gzip",
            "application/vnd.oci.image.layer.v1.tar+zstd",
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
            "application/vnd.docker.image.rootfs.diff.tar",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "application/vnd.docker.image.rootfs.diff.tar.zstd",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");

    static final String ACCEPT = String.join(", ", OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST, "*/*;q=0.1");

    private MediaTypes() {}
}
