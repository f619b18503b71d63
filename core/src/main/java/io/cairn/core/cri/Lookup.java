package io.cairn.core.cri;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.driver.Driver;
import io.cairn.core.effect.Drivers;
import io.cairn.core.engine.Engine;
import io.cairn.proto.cri.ImageSpec;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.util.regex.Pattern;

/** From what a client calls a thing to the thing. Ids may be cut short as long as they stay unique, as crictl prints them. */
final class Lookup {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{4,64}");
    private static final String SHA256 = "sha256:";

    private final Engine engine;
    private final Drivers drivers;

    Lookup(Engine engine, Drivers drivers) {
        this.engine = engine;
        this.drivers = drivers;
    }

    /** The full id of a sandbox; an id nothing matches is handed back as it is. */
    String sandboxId(String given, Call call) {
        return call.about(full("pod sandbox", given, engine.state().sandboxes().keySet().toVector()));
    }

    /** The full id of a container; an id nothing matches is handed back as it is. */
    String containerId(String given, Call call) {
        return call.about(full("container", given, engine.state().containers().keySet().toVector()));
    }

    Sandbox sandbox(String given, Call call) {
        String id = sandboxId(given, call);
        return engine.state().sandbox(id).filter(Sandbox::isVisible)
                .getOrElseThrow(() -> Call.notFound("pod sandbox %s is not known", given));
    }

    Container container(String given, Call call) {
        String id = containerId(given, call);
        return engine.state().container(id).filter(Container::isVisible)
                .getOrElseThrow(() -> Call.notFound("container %s is not known", given));
    }

    Driver driverOf(Sandbox sandbox) {
        return drivers.named(sandbox.driver());
    }

    /** The image a client means by an id, the beginning of one, or a reference. */
    Option<Image> image(ImageSpec spec, Driver driver, Call call) {
        String given = spec.getImage().strip();
        if (given.isEmpty()) {
            throw Call.invalid("an image must be named");
        }
        call.about(given);
        Vector<Image> held = engine.state().images().values().filter(i -> i.driver().equals(driver.name())).toVector();
        Option<Image> byId = held.find(i -> i.id().equals(given) || i.id().equals(SHA256 + given));
        return byId.orElse(() -> byReference(given, driver)).orElse(() -> byPrefix(given, held));
    }

    private Option<Image> byReference(String given, Driver driver) {
        Either<String, String> canonical = driver.images().canonical(given);
        return canonical.toOption().flatMap(engine.state()::image).filter(i -> i.driver().equals(driver.name()));
    }

    private static Option<Image> byPrefix(String given, Vector<Image> held) {
        String hex = given.startsWith(SHA256) ? given.substring(SHA256.length()) : given;
        if (!HEX.matcher(hex).matches()) {
            return Option.none();
        }
        Vector<Image> matches = held.filter(i -> i.id().startsWith(SHA256 + hex));
        if (matches.size() > 1) {
            throw Call.invalid("image id %s is ambiguous: it begins %d ids", given, matches.size());
        }
        return matches.headOption();
    }

    private static String full(String kind, String given, Vector<String> ids) {
        if (given.isEmpty()) {
            throw Call.invalid("a %s id must be given", kind);
        }
        Vector<String> matches = ids.contains(given) ? Vector.of(given) : ids.filter(id -> id.startsWith(given));
        if (matches.size() > 1) {
            throw Call.invalid("%s id %s is ambiguous: it begins %d ids", kind, given, matches.size());
        }
        return matches.getOrElse(given);
    }
}
