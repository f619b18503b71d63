package io.cairn.images;

/**
 * Which extended attributes an image may set: those of users, and file capabilities. All others mean something to this
 * machine (security labels) or to overlayfs itself: with trusted.overlay.* a layer could point at files of other layers.
 */
final class XattrRules {
    private static final String CAPABILITY = "security.capability";

    private XattrRules() {}

    /** user.overlay.* is what overlayfs reads instead of trusted.overlay.* when it is mounted inside a user namespace. */
    static boolean isKept(String name, boolean onRegularFile) {
        return name.equals(CAPABILITY) ? onRegularFile : name.startsWith("user.") && !name.startsWith("user.overlay.");
    }
}
