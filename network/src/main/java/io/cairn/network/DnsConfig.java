package io.cairn.network;

import io.vavr.collection.List;

/** Resolver settings, of the pod (the {@code dns} capability) or of a network (its result). */
public record DnsConfig(List<String> servers, List<String> searches, List<String> options) {}
