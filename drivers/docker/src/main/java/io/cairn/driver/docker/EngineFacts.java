package io.cairn.driver.docker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.dockerjava.api.model.Info;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.host.CgroupChoice;
import io.cairn.driver.host.FileTrees;
import io.cairn.oci.CgroupDriver;
import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the engine says of itself, and of whom that may change only when it is started anew: asked for when it is first needed, and again after
 * {@link #forget}. Its cgroup driver is kept over restarts, for a start of Cairn at which the engine is away. Thread-safe.
 */
final class EngineFacts {
    private static final Logger LOG = LoggerFactory.getLogger(EngineFacts.class);

    private final Engine engine;
    private final Path file;
    private final AtomicReference<Option<Facts>> known = new AtomicReference<>(Option.none());

    /** @param version of the engine, for messages. @param root where it keeps its containers */
    record Facts(String version, String storageDriver, Path root, CgroupDriver cgroups, Set<String> runtimes) {}

    /** @param file the engine's last word, from one start to the next */
    EngineFacts(Engine engine, Path file) {
        this.engine = engine;
        this.file = file;
    }

    Facts get() throws DriverException {
        Option<Facts> facts = known.get();
        return facts.isDefined() ? facts.get() : ask();
    }

    private Facts ask() throws DriverException {
        Info info = engine.info();
        CgroupDriver cgroups = "systemd".equals(info.getCGroupDriver()) ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
        Set<String> runtimes = Option.of(info.getRuntimes()).<Set<String>>map(r -> HashSet.ofAll(r.keySet())).getOrElse(HashSet.empty());
        var facts = new Facts(text(info.getServerVersion()), text(info.getDriver()), Path.of(text(info.getDockerRootDir())), cgroups, runtimes);
        known.set(Option.some(facts));
        keep(facts);
        return facts;
    }

    private static String text(String said) {
        return Option.of(said).getOrElse("");
    }

    private void keep(Facts facts) {
        ObjectNode json = FileTrees.JSON.createObjectNode().put("cgroup_driver", facts.cgroups().name());
        try {
            if (!FileTrees.readObject(file).contains(json)) {
                FileTrees.write(file, json);
            }
        } catch (IOException e) {
            LOG.warn("What the engine says of itself cannot be kept in {}: {}", file, e.getMessage());
        }
    }

    /** Another engine may listen on the socket now. */
    void forget() {
        known.set(Option.none());
    }

    /** Where the engine has never answered: as it would choose by itself. */
    CgroupDriver cgroups() {
        try {
            return get().cgroups();
        } catch (DriverException away) {
            return kept().getOrElse(CgroupChoice.AUTO.usesSystemd() ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS);
        }
    }

    private Option<CgroupDriver> kept() {
        try {
            return FileTrees.readObject(file).flatMap(o -> Option.of(o.path("cgroup_driver").asText()))
                    .filter(name -> name.equals(CgroupDriver.SYSTEMD.name()) || name.equals(CgroupDriver.CGROUPFS.name())).map(CgroupDriver::valueOf);
        } catch (IOException e) {
            return Option.none();
        }
    }
}
