package io.cairn.images;

import io.cairn.images.registry.RegistryFailure;

/** Why an image could not be pulled. Nothing of the pull is left but whole layers, which the next one finds. */
public sealed interface PullFailure {
    /** What went wrong on the way to or at the registry; its kind tells denied from missing from unreachable. */
    record FromRegistry(RegistryFailure failure) implements PullFailure {}

    /** The image itself is malformed, unsafe or too large. */
    record BadImage(String subject, String why) implements PullFailure {}

    /** A verifier refused the image, or could not be asked. */
    record Unverified(String subject, String why) implements PullFailure {}

    /** This machine could not keep it. */
    record Local(String subject, StoreFailure failure) implements PullFailure {}

    /** The thread was interrupted, or the store closed. */
    record Cancelled(String subject) implements PullFailure {}

    /** One line for people. */
    default String message() {
        return switch (this) {
            case FromRegistry(RegistryFailure failure) -> failure.message();
            case BadImage(String subject, String why) -> subject + ": the image cannot be used: " + why;
            case Unverified(String subject, String why) -> subject + ": the image was not verified: " + why;
            case Local(String subject, StoreFailure failure) -> subject + ": it could not be stored: " + failure.message();
            case Cancelled(String subject) -> subject + ": the pull was cancelled";
        };
    }
}
