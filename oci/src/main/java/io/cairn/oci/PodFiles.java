package io.cairn.oci;

import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * Files the runtime made for a pod, to be mounted into each of its containers unless the kubelet mounts something there
 * itself. They become read-only with the root file system; /dev/shm never does.
 *
 * @param hosts usually absent: the kubelet writes /etc/hosts and mounts it
 */
public record PodFiles(Option<Path> resolvConf, Option<Path> hostname, Option<Path> hosts, Option<Path> devShm) {
    public static PodFiles none() {
        return new PodFiles(Option.none(), Option.none(), Option.none(), Option.none());
    }
}
