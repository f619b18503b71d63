package io.cairn.network;

import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * What a pod wants of its network.
 *
 * @param netns the pinned network namespace, see {@link PodNamespaces}
 * @param ipRanges one list of pools for each address to allocate; empty: the network's own
 * @param requestedIps addresses asked for, with or without prefix length; empty: any
 * @param annotations the pod's; handed to plugins that declare {@code io.kubernetes.cri.pod-annotations}
 */
public record AttachRequest(
        PodIdentity pod,
        Path netns,
        List<PortMapping> portMappings,
        Option<Bandwidth> bandwidth,
        List<List<IpRange>> ipRanges,
        List<String> requestedIps,
        Option<DnsConfig> dns,
        Map<String, String> annotations) {}
