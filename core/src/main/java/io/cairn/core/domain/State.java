package io.cairn.core.domain;

import io.cairn.proto.journal.NetworkReadyChanged;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.util.function.UnaryOperator;

/**
 * Everything the journal says, as one immutable value. Readers hold a reference and need no lock.
 *
 * <p>The maps by key and by reference are derived from the entities and kept in step by the {@code with…} methods, the
 * only way to a new state. Keys follow from the configuration: while that is the same object, so are they.
 *
 * @param epoch the epoch last opened
 * @param bootId the boot in which it was opened
 * @param network whether pods can be attached, as was found last; none when nobody has looked yet
 */
public record State(
        long epoch,
        String bootId,
        Option<NetworkReadyChanged> network,
        Map<String, Sandbox> sandboxes,
        Map<String, Container> containers,
        Map<String, Image> images,
        Map<String, Exec> execs,
        Map<String, Pull> pulls,
        Map<SandboxKey, String> sandboxByKey,
        Map<ContainerKey, String> containerByKey,
        Map<String, Set<String>> containersOfSandbox,
        Map<String, String> imageByReference) {

    public static final State EMPTY = new State(0, "", Option.none(), HashMap.empty(), HashMap.empty(), HashMap.empty(), HashMap.empty(),
            HashMap.empty(), HashMap.empty(), HashMap.empty(), HashMap.empty(), HashMap.empty());

    public Option<Sandbox> sandbox(String id) {
        return sandboxes.get(id);
    }

    public Option<Container> container(String id) {
        return containers.get(id);
    }

    public Option<Sandbox> sandbox(SandboxKey key) {
        return sandboxByKey.get(key).flatMap(sandboxes::get);
    }

    public Option<Container> container(ContainerKey key) {
        return containerByKey.get(key).flatMap(containers::get);
    }

    /** The containers of a sandbox, those being created included. */
    public Vector<Container> containersOf(String sandboxId) {
        return containersOfSandbox.getOrElse(sandboxId, HashSet.empty()).toVector().map(containers::apply);
    }

    /** Finds an image by its id or by a canonical reference (tag or digest). */
    public Option<Image> image(String idOrReference) {
        return images.get(idOrReference).orElse(() -> imageByReference.get(idOrReference).flatMap(images::get));
    }

    public State withEpoch(long nextEpoch, String nextBootId) {
        return new State(nextEpoch, nextBootId, network, sandboxes, containers, images, execs, pulls, sandboxByKey, containerByKey,
                containersOfSandbox, imageByReference);
    }

    public State with(NetworkReadyChanged found) {
        return new State(epoch, bootId, Option.some(found), sandboxes, containers, images, execs, pulls, sandboxByKey, containerByKey,
                containersOfSandbox, imageByReference);
    }

    public State with(Sandbox sandbox) {
        if (sandbox(sandbox.id()).exists(before -> before.config() == sandbox.config())) {
            return withSandboxes(sandboxes.put(sandbox.id(), sandbox), sandboxByKey);
        }
        return withSandboxes(sandboxes.put(sandbox.id(), sandbox), sandboxByKey.put(sandbox.key(), sandbox.id()));
    }

    public State withoutSandbox(String id) {
        return sandbox(id).map(s -> withSandboxes(sandboxes.remove(id), sandboxByKey.remove(s.key()))).getOrElse(this);
    }

    public State with(Container container) {
        if (container(container.id()).exists(before -> before.config() == container.config())) {
            return withContainers(containers.put(container.id(), container), containerByKey, containersOfSandbox);
        }
        return withContainers(containers.put(container.id(), container), containerByKey.put(container.key(), container.id()),
                membersOf(container.sandboxId(), ids -> ids.add(container.id())));
    }

    public State withoutContainer(String id) {
        return container(id).map(c -> withContainers(containers.remove(id), containerByKey.remove(c.key()),
                membersOf(c.sandboxId(), ids -> ids.remove(id)))).getOrElse(this);
    }

    public State with(Image image) {
        var kept = images.get(image.id()).map(this::referencesWithout).getOrElse(imageByReference);
        var references = image.repoTags().addAll(image.repoDigests()).foldLeft(kept, (map, ref) -> map.put(ref, image.id()));
        return withImages(images.put(image.id(), image), references);
    }

    public State withoutImage(String id) {
        return images.get(id).map(i -> withImages(images.remove(id), referencesWithout(i))).getOrElse(this);
    }

    public State with(Exec exec) {
        return withExecs(execs.put(exec.id(), exec));
    }

    public State withoutExec(String id) {
        return withExecs(execs.remove(id));
    }

    public State with(Pull pull) {
        return withPulls(pulls.put(pull.id(), pull));
    }

    public State withoutPull(String id) {
        return withPulls(pulls.remove(id));
    }

    private Map<String, Set<String>> membersOf(String sandboxId, UnaryOperator<Set<String>> change) {
        var members = change.apply(containersOfSandbox.getOrElse(sandboxId, HashSet.empty()));
        return members.isEmpty() ? containersOfSandbox.remove(sandboxId) : containersOfSandbox.put(sandboxId, members);
    }

    private Map<String, String> referencesWithout(Image image) {
        return image.repoTags().addAll(image.repoDigests()).foldLeft(imageByReference,
                (map, ref) -> map.get(ref).contains(image.id()) ? map.remove(ref) : map);
    }

    private State withSandboxes(Map<String, Sandbox> next, Map<SandboxKey, String> keys) {
        return new State(epoch, bootId, network, next, containers, images, execs, pulls, keys, containerByKey, containersOfSandbox,
                imageByReference);
    }

    private State withContainers(Map<String, Container> next, Map<ContainerKey, String> keys, Map<String, Set<String>> members) {
        return new State(epoch, bootId, network, sandboxes, next, images, execs, pulls, sandboxByKey, keys, members, imageByReference);
    }

    private State withImages(Map<String, Image> next, Map<String, String> references) {
        return new State(epoch, bootId, network, sandboxes, containers, next, execs, pulls, sandboxByKey, containerByKey, containersOfSandbox,
                references);
    }

    private State withExecs(Map<String, Exec> next) {
        return new State(epoch, bootId, network, sandboxes, containers, images, next, pulls, sandboxByKey, containerByKey, containersOfSandbox,
                imageByReference);
    }

    private State withPulls(Map<String, Pull> next) {
        return new State(epoch, bootId, network, sandboxes, containers, images, execs, next, sandboxByKey, containerByKey, containersOfSandbox,
                imageByReference);
    }
}
