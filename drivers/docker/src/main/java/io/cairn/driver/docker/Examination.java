package io.cairn.driver.docker;

import com.github.dockerjava.api.model.Info;
import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.Finding;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.docker.images.EngineStore;
import io.vavr.collection.TreeSet;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.time.Duration;

/** What {@code cairn doctor} wants to know: whether the engine answers, and has what the configuration asks of it. */
final class Examination {
    private static final Duration CALL_MAX = Duration.ofSeconds(5);
    private static final String AUTO = "auto";

    private Examination() {}

    static Vector<Finding> of(DriverContext context) {
        try {
            Settings settings = Settings.of(context);
            Vector<String> runtimes = context.handlers().values().flatMap(handler -> handler.get("runtime")).filter(name -> !name.equals(AUTO))
                    .toVector().distinct();
            try (var engine = new Engine(settings.socket(), CALL_MAX)) {
                Info info = engine.info();
                TreeSet<String> known = Option.of(info.getRuntimes()).map(all -> TreeSet.ofAll(all.keySet())).getOrElse(TreeSet.empty());
                return Vector.of(
                        Finding.good("docker", "version %s answers at %s, by version %s of its API"
                                .formatted(info.getServerVersion(), engine.socket(), engine.api())),
                        Finding.good("cgroups", "by %s".formatted(info.getCGroupDriver())),
                        store(info), liveRestore(info)).appendAll(runtimes.map(name -> runtime(name, known)));
            }
        } catch (DriverException e) {
            return Vector.of(Finding.bad("docker", e.getMessage()));
        }
    }

    private static Finding store(Info info) {
        try {
            EngineStore.require(info);
            return Finding.good("storage driver", info.getDriver());
        } catch (DriverException e) {
            return Finding.bad("storage driver", e.getMessage());
        }
    }

    private static Finding liveRestore(Info info) {
        boolean on = Boolean.TRUE.equals(info.getRawValues().get("LiveRestoreEnabled"));
        return on ? Finding.good("live restore", "containers outlive the engine")
                : Finding.bad("live restore", "when the engine is restarted, all containers end: set \"live-restore\": true in its daemon.json");
    }

    private static Finding runtime(String name, TreeSet<String> known) {
        return known.contains(name) ? Finding.good("runtime", name)
                : Finding.bad("runtime", "%s is none of the engine's; those are: %s".formatted(name, known.mkString(", ")));
    }
}
