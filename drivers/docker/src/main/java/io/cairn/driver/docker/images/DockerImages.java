package io.cairn.driver.docker.images;

import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.model.Image;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageBackend;
import io.cairn.core.driver.ImageFilesystem;
import io.cairn.core.driver.PullObserver;
import io.cairn.core.driver.PulledImage;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.PullFailures;
import io.cairn.driver.host.PulledBytes;
import io.cairn.images.FoundImage;
import io.cairn.images.ImageLookup;
import io.cairn.images.LayerJobs;
import io.cairn.images.LayerPull;
import io.cairn.images.PullFailure;
import io.cairn.images.Verification;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.Platform;
import io.cairn.images.registry.RegistryClient;
import io.cairn.images.registry.RegistrySession;
import io.cairn.oci.StopSignal;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images in the engine: pulled by our registry client and loaded as archives. An image of ours has a name of ours there
 * ({@link ImageNames}); nothing else is ever removed.
 */
public final class DockerImages implements ImageBackend {
    private static final Logger LOG = LoggerFactory.getLogger(DockerImages.class);
    /** The engine unpacks a layer without a word, and a disk in trouble takes long. */
    private static final Duration LOAD_STALLED_MAX = Duration.ofMinutes(10);

    private final Engine engine;
    private final ImageNames names;
    private final EngineLayers layers;
    private final LayerUsage usage;
    private final LayerFiles files;
    private final RegistryClient registries;
    private final Verification verification;
    private final Platform platform = Platform.current();
    private final LayerJobs jobs = new LayerJobs();
    /** Chain ids of the layers that pulls under way want, by the pull. */
    private final ConcurrentHashMap<Object, Set<Digest>> wanted = new ConcurrentHashMap<>();
    private final java.util.Set<String> unconfirmed = ConcurrentHashMap.newKeySet();
    /** Between a look at what the engine has and a load that relies on it, nothing is removed. No download waits in it. */
    private final ReentrantLock gate = new ReentrantLock();

    /**
     * Takes away what pulls of an earlier daemon have left.
     *
     * @param owner whose images
     * @param directory for layers on their way
     */
    public DockerImages(Engine engine, String owner, Path directory, RegistryClient registries, Verification verification) throws IOException {
        this.engine = engine;
        this.names = new ImageNames(owner);
        this.layers = new EngineLayers(engine);
        this.usage = new LayerUsage(engine);
        this.files = new LayerFiles(directory);
        this.registries = registries;
        this.verification = verification;
        files.clear();
    }

    ImageNames names() {
        return names;
    }

    @Override
    public Either<String, String> canonical(String reference) {
        return ImageReference.parse(reference).map(ImageReference::toString);
    }

    @Override
    public PulledImage pull(String reference, Credentials credentials, PullObserver observer) throws DriverException {
        ImageReference parsed = ImageReference.parse(reference).getOrElseThrow(why -> Failures.invalid("%s", why));
        var login = PullFailures.login(reference, credentials);
        EngineStore.require(engine.info());
        var token = new Object();
        try (RegistrySession session = PullFailures.orThrow(registries.session(parsed, login).mapLeft(PullFailure.FromRegistry::new))) {
            FoundImage found = PullFailures.orThrow(new ImageLookup(session, parsed, platform, verification).find(_ -> Option.none()));
            wanted.put(token, found.chainIds().toSet());
            return new ImagePull(session, found, new PulledBytes(observer)).run(parsed);
        } catch (InterruptedIOException | InterruptedException e) {
            Thread.currentThread().interrupt();
            throw PullFailures.exception(new PullFailure.Cancelled(reference));
        } catch (IOException e) {
            throw Failures.io("Cannot pull " + reference, e);
        } finally {
            // What came for one that failed stays for the next try: free takes it.
            wanted.remove(token);
        }
    }

    /** The part of a pull that keeps things. */
    private final class ImagePull {
        private final RegistrySession session;
        private final FoundImage image;
        private final PulledBytes progress;
        private final String id;

        ImagePull(RegistrySession session, FoundImage image, PulledBytes progress) {
            this.session = session;
            this.image = image;
            this.progress = progress;
            this.id = image.remote().config().digest().toString();
        }

        PulledImage run(ImageReference reference) throws DriverException, IOException, InterruptedException {
            Option<InspectImageResponse> loaded = Option.none();
            while (loaded.isEmpty()) {
                var home = new EngineHome(files, jobs, layers.all());
                loaded = load(PullFailures.orThrow(new LayerPull<>(home, session, image, progress).run()));
            }
            String tag = reference.digest().isDefined() ? "" : reference.toString();
            int stopSignal = StopSignal.parse(image.config().stopSignal()).map(StopSignal::number).getOrElse(0);
            return new PulledImage(id, tag, reference.at(image.remote().digest()).toString(), Option.of(loaded.get().getSize()).getOrElse(0L),
                    image.config().user(), stopSignal);
        }

        /** None when what was there is there no more, and must be brought after all. */
        private Option<InspectImageResponse> load(Vector<EngineHome.Layer> pulled) throws DriverException {
            gate.lock();
            try {
                Set<Digest> there = layers.all();
                // Another pull may have loaded one meanwhile, and thrown its file away.
                Vector<Option<Path>> missing = pulled.map(layer -> there.contains(layer.chainId()) ? Option.none() : files.get(layer.chainId()));
                boolean whole = pulled.zip(missing).forAll(layer -> there.contains(layer._1().chainId()) || layer._2().isDefined());
                if (!whole) {
                    return Option.none();
                }
                unconfirmed.add(id);
                name(missing);
                pulled.flatMap(EngineHome.Layer::file).forEach(files::discard);
                return Option.some(engine.image(id).getOrElseThrow(() -> Failures.failed(
                        "Cannot pull %s: docker at %s has loaded it, and has no image %s", image.remote().reference(), engine.socket(), id)));
            } finally {
                gate.unlock();
            }
        }

        /** @param missing files of the layers that the engine does not have */
        private void name(Vector<Option<Path>> missing) throws DriverException {
            if (engine.image(id).isDefined()) {
                engine.tagImage(id, names.repository(), names.tag(id));
            } else {
                engine.loadImage(new DockerArchive(image.configJson(), names.of(id),
                        missing.map(file -> file.map(DockerArchive.Content::of))), LOAD_STALLED_MAX);
            }
        }
    }

    @Override
    public boolean isIntact(String imageId) {
        try {
            return engine.image(imageId).flatMap(image -> Option.of(image.getRepoTags())).exists(tags -> tags.contains(names.of(imageId)));
        } catch (DriverException e) {
            LOG.debug("Image {} cannot be looked at: {}", imageId, e.getMessage());
            // Where nobody can tell, what was true before is: reads go on while the engine is away.
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
        gate.lock();
        try {
            for (Image image : engine.images()) {
                boolean isUsed = live.contains(image.getId()) || unconfirmed.contains(image.getId());
                for (String name : isUsed ? Option.<String>none() : names.found(image)) {
                    remove(name);
                }
            }
            files.removeAllBut(HashSet.ofAll(wanted.values()).flatMap(w -> w));
        } catch (IOException e) {
            throw Failures.io("Cannot remove layers below " + files.directory(), e);
        } finally {
            gate.unlock();
        }
    }

    private void remove(String name) throws DriverException {
        if (!engine.removeImage(name)) {
            // Its containers keep it; it goes with the next removal after theirs.
            LOG.debug("{} is in use and stays", name);
        }
    }

    @Override
    public ImageFilesystem usage() throws DriverException {
        return usage.measure();
    }
}
