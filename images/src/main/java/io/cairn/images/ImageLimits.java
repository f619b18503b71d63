package io.cairn.images;

/** Bounds on what an image may ask of this machine. Those on what a registry may send are in {@code RegistryLimits}. */
public final class ImageLimits {
    /** Uncompressed bytes of one layer. Stops an archive that decompresses without end; a full disk is met earlier as a rule. */
    public static final long MAX_LAYER_BYTES = 256L << 30;
    /** Entries of one layer. Large images have some hundred thousand files in all. */
    public static final long MAX_LAYER_ENTRIES = 4 << 20;
    /** PATH_MAX: no container could name a longer path. */
    public static final int MAX_PATH_BYTES = 4096;
    /** Layers of all pulls that are unpacked at the same time; each keeps a processor and the disk busy. */
    public static final int PARALLEL_UNPACKS = 2;
    /** The mount(2) option string is one page. */
    static final int MAX_MOUNT_OPTION_BYTES = 4096;

    private ImageLimits() {}
}
