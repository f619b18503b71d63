package io.cairn.core.daemon;

import io.cairn.network.NetworkException;
import io.cairn.network.PodNetwork;

/** Opens the network of pods, with what is left of it. Called once nobody else uses the state directory, on any thread. */
@FunctionalInterface
public interface NetworkOpening {
    PodNetwork open() throws NetworkException;
}
