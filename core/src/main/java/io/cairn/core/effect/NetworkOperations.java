package io.cairn.core.effect;

import io.cairn.core.decide.Command;
import io.cairn.core.engine.Committed;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.network.NetworkStatus;
import io.cairn.network.PodNetwork;
import io.cairn.network.PodNetwork.Configured;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Failure;
import io.cairn.proto.journal.NetworkConfigured;
import io.cairn.proto.journal.NetworkReadyChanged;
import io.vavr.collection.List;
import io.vavr.control.Either;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node's network as a whole. Thread-safe. */
public final class NetworkOperations {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkOperations.class);

    private final Engine engine;
    private final Steps steps;
    private final PodNetwork network;

    NetworkOperations(Engine engine, PodNetwork network) {
        this.engine = engine;
        this.steps = new Steps(engine);
        this.network = network;
    }

    /** Whether pods can be attached now. When that is not as it was found last, it goes on record; not when the disk is full. */
    public NetworkStatus status(Origin origin) {
        NetworkStatus found = network.status();
        var event = NetworkReadyChanged.newBuilder();
        switch (found) {
            case NetworkStatus.Ready ready -> event.setReady(true).setNetwork(ready.network()).setSource(ready.source());
            case NetworkStatus.NotReady not -> event.setReason(not.reason());
        }
        engine.submit(new Command.Observe(Event.newBuilder().setNetworkReadyChanged(event).build()), origin);
        return found;
    }

    /** The kubelet tells which addresses pods have: put on record, and made into a network configuration where a template asks for one. */
    public Either<Problem, String> configure(Command.UpdateRuntimeConfig command, Origin origin) {
        return steps.intend(command, origin).flatMap(committed -> carryOut(command.podCidr(), committed, origin));
    }

    private Either<Problem, String> carryOut(String ranges, Committed committed, Origin origin) {
        if (ranges.isEmpty()) {
            return Either.right(ranges);
        }
        return switch (network.configure(List.of(ranges.split(",")))) {
            case Configured.NotNeeded(String why) -> {
                LOG.info("No network configuration is made of the address ranges {}: {}", ranges, why);
                yield Either.right(ranges);
            }
            case Configured.Written(String path, String template) -> steps.conclude(Event.newBuilder().setNetworkConfigured(
                    NetworkConfigured.newBuilder().setPath(path).setTemplate(template)), "", origin.causedBy(committed.intent()), ranges);
            case Configured.Failed(String path, String template, String why) -> {
                Failure failure = Failures.failure(Failure.Kind.FAILED,
                        "Cannot make the network configuration %s from %s: %s".formatted(path, template, why));
                yield steps.concludeFailed(Event.newBuilder().setNetworkConfigured(NetworkConfigured.newBuilder().setPath(path)
                        .setTemplate(template).setFailure(failure)), "", origin.causedBy(committed.intent()), failure);
            }
        };
    }
}
