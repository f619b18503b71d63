package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.oci.ApparmorDefault;
import io.cairn.oci.HostFacts;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads {@link ApparmorDefault} into a kernel that has AppArmor. One that is loaded already is left as it is: it may be the operator's own,
 * and compiling it takes a good part of a start.
 *
 * @param root of the host's files; another directory for a test
 * @param directory for the profile's text
 */
record ApparmorLoader(Path root, Path directory) {
    private static final Logger LOG = LoggerFactory.getLogger(ApparmorLoader.class);
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final String PARSER = "apparmor_parser";

    /** What this host can do, once the profile is loaded if it can be. */
    static HostFacts facts(Layout layout) throws IOException {
        return new ApparmorLoader(Path.of("/"), layout.run()).load(HostFacts.probe());
    }

    /** @return the facts, with the profiles that are loaded then; what could not be done is logged, and told to those who ask for it */
    HostFacts load(HostFacts facts) throws IOException {
        if (!facts.security().apparmor() || facts.security().apparmorProfiles().contains(ApparmorDefault.NAME)) {
            return facts;
        }
        Option<Path> parser = List.of(Command.PATH.split(":")).map(dir -> root.resolve(dir.substring(1)).resolve(PARSER)).find(Files::isExecutable);
        if (parser.isEmpty()) {
            LOG.warn("The AppArmor profile {} cannot be loaded: there is no {} on {}; install the package apparmor", ApparmorDefault.NAME, PARSER,
                    Command.PATH);
            return facts;
        }
        Path text = directory.resolve("apparmor-" + ApparmorDefault.NAME);
        Path profiles = root.resolve("etc/apparmor.d");
        FileTrees.write(text, ApparmorDefault.text(Files.exists(profiles.resolve("tunables/global")),
                Files.exists(profiles.resolve("abstractions/base"))).getBytes(StandardCharsets.UTF_8));
        Option<String> failure = run(parser.get(), text);
        failure.forEach(why -> LOG.warn("The AppArmor profile {} could not be loaded, and containers that ask for it are refused: {}",
                ApparmorDefault.NAME, why));
        return facts.withLoadedProfiles(root);
    }

    /** Without a cache (-K), and in place of one of the same name (-r). */
    private Option<String> run(Path parser, Path text) {
        var command = new Command("Loading an AppArmor profile", List.of(parser.toString(), "-K", "-r", text.toString()), HashMap.empty(),
                Path.of("/"), DEADLINE, 1 << 16);
        try {
            Command.Ended ended = command.run();
            return Option.when(!ended.succeeded(), () -> "%s -K -r %s ended with exit code %d: %s".formatted(parser, text, ended.exitCode(), ended.said()));
        } catch (DriverException e) {
            return Option.some(e.getMessage());
        }
    }
}
