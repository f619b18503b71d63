package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.images.Arrival;
import io.cairn.images.BlobPlace;
import io.cairn.images.StoreFailure;
import io.cairn.images.registry.Descriptor;
import io.cairn.images.registry.Digest;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

/**
 * Layers as blobs of containerd's content store, for one pull.
 *
 * @param trouble the first that there was with containerd
 */
record ContentPlace(Content content, Leases leases, String lease, Map<String, String> labels, AtomicReference<Option<DriverException>> trouble)
        implements BlobPlace<Digest> {
    static ContentPlace of(Content content, Leases leases, String lease, Map<String, String> labels) {
        return new ContentPlace(content, leases, lease, labels, new AtomicReference<>(Option.none()));
    }

    /** Those in whose hands the failure went on its way knew only its words. */
    void requireNoTrouble() throws DriverException {
        if (trouble.get().isDefined()) {
            throw trouble.get().get();
        }
    }

    @Override
    public Option<Digest> find(Descriptor blob) throws IOException {
        return throughIo(() -> {
            // Held before it is looked at: the garbage collector may be about to take it.
            leases.holdContent(lease, blob.digest().toString());
            if (content.info(blob.digest()).isEmpty()) {
                return Option.none();
            }
            content.label(blob.digest(), labels);
            return Option.some(blob.digest());
        });
    }

    @Override
    public Arrival<Digest> open(Descriptor blob, LongConsumer received) throws IOException {
        return throughIo(() -> Ingest.open(content, blob.digest(), blob.sizeBytes(), labels, lease, received, this::note));
    }

    private void note(DriverException failure) {
        trouble.compareAndSet(Option.none(), Option.some(failure));
    }

    /** It stays as long as the pull's lease, or the image. */
    @Override
    public void discard(Digest blob) {}

    @Override
    public StoreFailure failed(String reason) {
        return new StoreFailure(StoreFailure.Kind.STORAGE, reason);
    }

    /** What a {@link DriverException} must go through whose way leads through those who know only of IOExceptions. */
    static final class Passing extends IOException {
        private static final long serialVersionUID = 1L;

        private final DriverException passing;

        Passing(DriverException passing) {
            super(passing.getMessage(), passing);
            this.passing = passing;
        }

        DriverException passing() {
            return passing;
        }
    }

    @FunctionalInterface
    interface Work<T> {
        T run() throws DriverException, IOException;
    }

    static <T> T throughIo(Work<T> work) throws IOException {
        try {
            return work.run();
        } catch (DriverException e) {
            throw new Passing(e);
        }
    }
}
