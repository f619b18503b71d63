package io.cairn.driver.docker;

import com.github.dockerjava.api.command.UpdateContainerCmd;
import com.github.dockerjava.api.model.HostConfig;
import io.cairn.oci.OciSpec;

/** Limits of a container as the engine has them. */
final class EngineLimits {
    /** To the engine no limit of swap means twice the memory, and this means none. */
    private static final long UNLIMITED = -1;

    private EngineLimits() {}

    /** Of one that is made already: what is not among them stays. */
    static UpdateContainerCmd put(OciSpec.Resources limits, UpdateContainerCmd update) {
        limits.memory().limit().forEach(bytes -> update.withMemory(bytes).withMemorySwap(limits.memory().swap().getOrElse(UNLIMITED)));
        limits.cpu().shares().forEach(shares -> update.withCpuShares(Math.toIntExact(shares)));
        limits.cpu().quota().forEach(update::withCpuQuota);
        limits.cpu().period().forEach(update::withCpuPeriod);
        limits.cpu().cpus().forEach(update::withCpusetCpus);
        limits.cpu().mems().forEach(update::withCpusetMems);
        return update;
    }

    static HostConfig put(OciSpec.Resources limits, HostConfig host) {
        limits.memory().limit().filter(bytes -> bytes > 0).forEach(bytes -> host.withMemory(bytes).withMemorySwap(limits.memory().swap().getOrElse(UNLIMITED)));
        limits.cpu().shares().forEach(shares -> host.withCpuShares(Math.toIntExact(shares)));
        limits.cpu().quota().forEach(host::withCpuQuota);
        limits.cpu().period().forEach(host::withCpuPeriod);
        limits.cpu().cpus().forEach(host::withCpusetCpus);
        limits.cpu().mems().forEach(host::withCpusetMems);
        return host;
    }
}
