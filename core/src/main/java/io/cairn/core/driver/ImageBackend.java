package io.cairn.core.driver;

import io.vavr.collection.Set;
import io.vavr.control.Either;

/** The images of a driver. Which images exist is the journal's to say; the backend holds their content. Thread-safe. */
public interface ImageBackend {
    /**
     * How the message of a pull that a verifier refused begins: the kubelet knows it and shows it as the reason
     * (k8s.io/cri-api, pkg/errors, ErrSignatureValidationFailed). The kind of the failure must be FAILED.
     */
    String NOT_VERIFIED = "SignatureValidationFailed";

    /** The full form of a reference as a user wrote it, or why it is none. Ids ({@code sha256:…}, hex prefixes) are no references. */
    Either<String, String> canonical(String reference);

    /**
     * Brings an image here, whole and verified. It stays, whatever {@link #free} and {@link #remove} are told of other images, until
     * it was named as living or is removed itself: so there is time to put it on record.
     *
     * @param reference canonical
     */
    PulledImage pull(String reference, Credentials credentials, PullObserver observer) throws DriverException;

    /** Whether the content of an image is still whole; false means it must be pulled again. */
    boolean isIntact(String imageId);

    /** Frees what only this image needed; images of {@code live} and the containers there are stay whole. */
    void remove(String imageId, Set<String> live) throws DriverException;

    /** Frees what neither these images, nor containers, nor pulls under way need. Idempotent. */
    void free(Set<String> live) throws DriverException;

    /** Where images are kept and what they take. */
    ImageFilesystem usage() throws DriverException;
}
