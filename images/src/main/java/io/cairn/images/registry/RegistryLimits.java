package io.cairn.images.registry;

/** Bounds on what a registry may send, each far above what real images need and far below what would hurt the node. */
public final class RegistryLimits {
    /** The limit registries themselves enforce (distribution-spec, "Pushing Manifests": at least 4 MiB). */
    public static final int MAX_MANIFEST_BYTES = 4 << 20;
    /** Configs are some KiB; long build histories reach some hundreds. They are held in memory. */
    public static final int MAX_CONFIG_BYTES = 8 << 20;
    /** overlayfs mounts up to 500; builders stop at 127, and the mount options of 128 fit one page. */
    public static final int MAX_LAYERS = 128;
    /** All layers of an image together, compressed. Model images of tens of GiB exist. */
    public static final long MAX_IMAGE_BYTES = 256L << 30;
    /** Entries of an index that are looked at. */
    static final int MAX_INDEX_ENTRIES = 1000;
    /** Index within index within index is nobody's image. */
    static final int MAX_INDEX_DEPTH = 2;
    /** A token is some KiB, ECR's the longest known. */
    static final int MAX_TOKEN_BYTES = 1 << 20;
    /** Of an error's body, as much as a message may need. */
    static final int MAX_ERROR_BYTES = 16 << 10;
    static final int MAX_REDIRECTS = 5;
    static final int MAX_HOSTS_TOML_BYTES = 1 << 20;

    private RegistryLimits() {}
}
