package io.cairn.network;

import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * Which pod to disconnect. Everything but the sandbox id is only used where the record of the attachment is lost.
 *
 * @param netns the pinned namespace; none, or a path that is no namespace any more, where it is gone already
 */
public record DetachRequest(PodIdentity pod, Option<Path> netns, List<PortMapping> portMappings) {}
