package io.cairn.driver.containerd;

import io.cairn.driver.host.PullFailures;
import io.cairn.driver.host.PulledBytes;
import io.cairn.driver.host.Failures;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageBackend;
import io.cairn.core.driver.ImageFilesystem;
import io.cairn.core.driver.PullObserver;
import io.cairn.core.driver.PulledImage;
import io.cairn.driver.containerd.proto.images.Image;
import io.cairn.driver.containerd.proto.snapshots.Info;
import io.cairn.driver.containerd.proto.snapshots.Kind;
import io.cairn.driver.containerd.proto.snapshots.UsageResponse;
import io.cairn.images.ChainIds;
import io.cairn.images.FoundImage;
import io.cairn.images.ImageConfig;
import io.cairn.images.ImageLookup;
import io.cairn.images.LayerJobs;
import io.cairn.images.PullFailure;
import io.cairn.images.Verification;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.Platform;
import io.cairn.images.registry.RegistryClient;
import io.cairn.images.registry.RegistryLimits;
import io.cairn.images.registry.RegistrySession;
import io.cairn.oci.StopSignal;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images in containerd's own stores: pulled by our registry client, named and labelled as other clients of containerd expect it. What
 * names an image of ours is a record with our label; what nothing refers to any more is containerd's garbage collector's.
 */
final class ContainerdImages implements ImageBackend {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerdImages.class);

    private final Content content;
    private final Leases leases;
    private final Snapshots snapshots;
    private final ImageRecords records;
    private final SnapshotterRoot root;
    private final RegistryClient registries;
    private final Verification verification;
    private final Platform platform = Platform.current();
    private final OfImages<ImageConfig> configs = new OfImages<>();
    /** By image and files; none: it has no such layer, which does not change. */
    private final OfImages<Option<Path>> layersWith = new OfImages<>();
    private final AtomicReference<Option<ImageFilesystem>> measured = new AtomicReference<>(Option.none());
    private final LayerJobs jobs = new LayerJobs();
    private final java.util.Set<String> pulls = ConcurrentHashMap.newKeySet();
    private final java.util.Set<String> unconfirmed = ConcurrentHashMap.newKeySet();

    ContainerdImages(Connection containerd, String snapshotter, RegistryClient registries, Verification verification) {
        this.content = new Content(containerd);
        this.leases = new Leases(containerd);
        this.snapshots = new Snapshots(containerd, snapshotter);
        this.records = new ImageRecords(containerd);
        this.root = new SnapshotterRoot(containerd, snapshotter);
        this.registries = registries;
        this.verification = verification;
    }

    Snapshots snapshots() {
        return snapshots;
    }

    @Override
    public Either<String, String> canonical(String reference) {
        return ImageReference.parse(reference).map(ImageReference::toString);
    }

    @Override
    public PulledImage pull(String reference, Credentials credentials, PullObserver observer) throws DriverException {
        ImageReference parsed = ImageReference.parse(reference).getOrElseThrow(why -> Failures.invalid("%s", why));
        var login = PullFailures.login(reference, credentials);
        String lease = leases.createForPull();
        pulls.add(lease);
        try (RegistrySession session = PullFailures.orThrow(registries.session(wanted(parsed), login).mapLeft(PullFailure.FromRegistry::new))) {
            PulledImage pulled = pull(parsed, session, lease, observer);
            leases.delete(lease, false);
            return pulled;
        } catch (InterruptedIOException | InterruptedException e) {
            Thread.currentThread().interrupt();
            throw PullFailures.exception(new PullFailure.Cancelled(reference));
        } catch (ContentPlace.Passing e) {
            throw e.passing();
        } catch (IOException e) {
            throw Failures.io("Cannot pull " + reference, e);
        } finally {
            // One that failed keeps its lease, and what came, for the next try: free takes it.
            pulls.remove(lease);
        }
    }

    /** What somebody else has put there under this name is taken for it, without asking the registry whether it has another now. */
    private ImageReference wanted(ImageReference reference) throws DriverException {
        Option<Image> record = reference.digest().isDefined() ? Option.none() : records.get(reference.toString());
        return record.filter(image -> ImageRecords.imageId(image).isEmpty())
                .flatMap(image -> Digest.parse(image.getTarget().getDigest()).toOption())
                .map(digest -> new ImageReference(reference.registry(), reference.repository(), reference.tag(), Option.some(digest)))
                .getOrElse(reference);
    }

    private PulledImage pull(ImageReference reference, RegistrySession session, String lease, PullObserver observer)
            throws DriverException, IOException, InterruptedException {
        FoundImage found = PullFailures.orThrow(new ImageLookup(session, reference, platform, verification).find(this::known));
        var pull = new ImagePull(content, leases, lease, reference, found);
        pull.keepDocuments();
        var place = ContentPlace.of(content, leases, lease, pull.source());
        var home = new SnapshotHome(place, snapshots, jobs, root.get(), found.remote().layers());
        Either<PullFailure, Vector<SnapshotHome.Layer>> kept = pull.keepLayers(home, session, new PulledBytes(observer));
        if (kept.isLeft() && kept.getLeft() instanceof PullFailure.Local) {
            // containerd's own words, and its kind of failure.
            place.requireNoTrouble();
        }
        Vector<SnapshotHome.Layer> layers = PullFailures.orThrow(kept);
        long sizeBytes = layers.map(SnapshotHome.Layer::diskBytes).sum().longValue() + found.configJson().length;
        return name(reference, pull, found, sizeBytes);
    }

    private PulledImage name(ImageReference reference, ImagePull pull, FoundImage found, long sizeBytes) throws DriverException {
        String id = pull.imageId().toString();
        String repoDigest = reference.at(found.remote().digest()).toString();
        String tag = reference.digest().isDefined() ? "" : reference.toString();
        unconfirmed.add(id);
        records.put(repoDigest, pull.target(), id);
        if (!tag.isEmpty()) {
            records.put(tag, pull.target(), id);
        }
        int stopSignal = StopSignal.parse(found.config().stopSignal()).map(StopSignal::number).getOrElse(0);
        return new PulledImage(id, tag, repoDigest, sizeBytes, found.config().user(), stopSignal);
    }

    /** A blob that cannot be read is fetched again. */
    private Option<byte[]> known(Digest digest) {
        try {
            return content.read(digest, Math.max(RegistryLimits.MAX_MANIFEST_BYTES, RegistryLimits.MAX_CONFIG_BYTES));
        } catch (DriverException e) {
            LOG.debug("{}", e.getMessage());
            return Option.none();
        }
    }

    /** The configuration of an image that is here, byte for byte. */
    byte[] configJson(String imageId) throws DriverException {
        Digest digest = Digest.parse(imageId).getOrElseThrow(why -> Failures.invalid("Expected an image id: %s", why));
        return content.read(digest, RegistryLimits.MAX_CONFIG_BYTES).getOrElseThrow(() -> Failures.notFound(
                "The configuration of image %s is missing in containerd's content store, or damaged; pull the image again", imageId));
    }

    /** What an image says of itself; remembered, since what a digest names does not change. */
    ImageConfig config(String imageId) throws DriverException {
        Option<ImageConfig> known = configs.find(imageId);
        return known.isDefined() ? known.get() : configs.keep(imageId, read(imageId));
    }

    private ImageConfig read(String imageId) throws DriverException {
        try {
            return ImageConfig.parse(configJson(imageId));
        } catch (IOException e) {
            throw Failures.io("Cannot use image " + imageId, e);
        }
    }

    /** Name of the snapshot that holds an image, unpacked; empty for an image without layers. */
    String chain(String imageId) throws DriverException {
        return chain(config(imageId));
    }

    private static String chain(ImageConfig config) {
        return ChainIds.of(config.diffIds()).lastOption().map(Digest::toString).getOrElse("");
    }

    /** The directory of an unpacked layer that has all of these files; it is there for as long as the image is. */
    Option<Path> layerWith(String imageId, Vector<String> files) throws DriverException {
        String asked = imageId + files;
        Option<Option<Path>> known = layersWith.find(asked).filter(layer -> layer.forAll(Files::isDirectory));
        return known.isDefined() ? known.get() : layersWith.keep(asked, layers(imageId).find(layer ->
                files.forAll(file -> Files.isRegularFile(layer.resolve(file), LinkOption.NOFOLLOW_LINKS))));
    }

    /** The top one first. A snapshotter tells of them only by a view that stands on them, which is there for that moment. */
    private Vector<Path> layers(String imageId) throws DriverException {
        String chain = chain(imageId);
        if (chain.isEmpty()) {
            return Vector.empty();
        }
        String key = SnapshotHome.UNPACKING + UUID.randomUUID();
        try {
            return SnapshotMount.of(snapshots.view(key, chain, HashMap.empty())).layers();
        } catch (IOException e) {
            throw Failures.io("Cannot look at the layers of image " + imageId, e);
        } finally {
            snapshots.remove(key);
        }
    }

    /** Layers whose unpacking a daemon before this one has begun, and its looks at layers. */
    void removeStrays() throws DriverException {
        for (Info snapshot : snapshots.list().filter(s -> s.getName().startsWith(SnapshotHome.UNPACKING))) {
            snapshots.remove(snapshot.getName());
        }
    }

    @Override
    public boolean isIntact(String imageId) {
        try {
            String chain = chain(read(imageId));
            return !records.of(imageId).isEmpty() && (chain.isEmpty() || snapshots.stat(chain).isDefined());
        } catch (DriverException e) {
            LOG.debug("Image {} is not whole, or cannot be looked at: {}", imageId, e.getMessage());
            // Where nobody can tell, what was true before is: reads go on while containerd is away.
            return e.kind() == Failure.Kind.UNAVAILABLE || e.kind() == Failure.Kind.TIMED_OUT;
        }
    }

    @Override
    public void remove(String imageId, Set<String> live) throws DriverException {
        unconfirmed.remove(imageId);
        free(live);
    }

    @Override
    public void free(Set<String> live) throws DriverException {
        unconfirmed.removeAll(live.toJavaSet());
        Vector<Image> unused = records.list().filter(record ->
                ImageRecords.imageId(record).exists(id -> !live.contains(id) && !unconfirmed.contains(id)));
        Set<String> left = leases.ofPulls().filter(lease -> !pulls.contains(lease));
        for (Image record : unused) {
            // The last call waits for the collector, which then has all of it to look at.
            records.delete(record.getName(), left.isEmpty() && record.equals(unused.last()));
        }
        for (String lease : left) {
            leases.delete(lease, lease.equals(left.last()));
        }
    }

    /** As it was measured last, while containerd is away: nobody then brings images, or takes any away. */
    @Override
    public ImageFilesystem usage() throws DriverException {
        try {
            ImageFilesystem now = measure();
            measured.set(Option.some(now));
            return now;
        } catch (DriverException e) {
            if (e.kind() != Failure.Kind.UNAVAILABLE) {
                throw e;
            }
            return measured.get().getOrElseThrow(() -> e);
        }
    }

    private ImageFilesystem measure() throws DriverException {
        long bytes = content.list().map(io.cairn.driver.containerd.proto.content.Info::getSize).sum().longValue();
        long inodes = 0;
        for (Info layer : snapshots.list().filter(s -> s.getKind() == Kind.COMMITTED)) {
            // One that is gone since it was listed takes nothing.
            for (UsageResponse usage : snapshots.usage(layer.getName())) {
                bytes += usage.getSize();
                inodes += usage.getInodes();
            }
        }
        return new ImageFilesystem(mountPoint(), bytes, inodes);
    }

    /** The kubelet finds the file system by it. */
    String mountPoint() throws DriverException {
        return root.get().getOrElse(Path.of("/")).toString();
    }
}
