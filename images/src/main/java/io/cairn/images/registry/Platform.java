package io.cairn.images.registry;

/**
 * What a machine can run, in the terms of Go's GOOS and GOARCH that image indexes use (OCI image-spec, image-index.md).
 *
 * @param variant of the processor, empty where the architecture has none that matters
 */
public record Platform(String os, String architecture, String variant) {
    private static final String LINUX = "linux";

    /** The machine this runs on. */
    public static Platform current() {
        return ofMachine(System.getProperty("os.arch", ""));
    }

    static Platform ofMachine(String javaArch) {
        return switch (javaArch) {
            case "amd64", "x86_64" -> new Platform(LINUX, "amd64", "");
            case "aarch64" -> new Platform(LINUX, "arm64", "v8");
            case "arm" -> new Platform(LINUX, "arm", "v7");
            case "loongarch64" -> new Platform(LINUX, "loong64", "");
            case String same -> new Platform(LINUX, same, "");
        };
    }

    /**
     * How well this machine runs what was built for another platform: 0 is not at all, more is better.
     *
     * <p>A 32-bit ARM runs the variants up to its own. amd64 v2 and up are left out, since nothing here says whether the
     * processor has their instructions, and a wrong guess dies of SIGILL.
     */
    int fitness(Platform built) {
        if (!built.os.equals(os) || !built.architecture.equals(architecture)) {
            return 0;
        }
        return switch (architecture) {
            case "amd64" -> built.variant.isEmpty() || built.variant.equals("v1") ? 1 : 0;
            case "arm64" -> built.variant.isEmpty() || built.variant.equals("v8") ? 1 : 0;
            case "arm" -> armFitness(built.variant.isEmpty() ? "v7" : built.variant);
            case String other -> built.variant.equals(variant) ? 2 : 1;
        };
    }

    /** Whether this machine can run what was built for another platform, as far as can be told. */
    public boolean runs(Platform built) {
        return fitness(built) > 0;
    }

    private int armFitness(String built) {
        boolean known = built.matches("v[5-7]") && variant.matches("v[5-8]");
        return known && built.compareTo(variant) <= 0 ? built.charAt(1) - '0' : 0;
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
