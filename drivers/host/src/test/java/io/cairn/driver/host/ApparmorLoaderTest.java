package io.cairn.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.oci.HostFacts;
import io.vavr.collection.HashSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a host made of files: a parser that notes what it is given, and a list of profiles that grows by it. */
class ApparmorLoaderTest {
    @TempDir Path root;
    private Path profiles;
    private Path calls;

    @BeforeEach
    void host() throws Exception {
        profiles = Files.createDirectories(root.resolve("sys/kernel/security/apparmor")).resolve("profiles");
        Files.writeString(profiles, "other (enforce)\n");
        calls = root.resolve("calls");
    }

    private void parser(String script) throws Exception {
        Path file = Files.createDirectories(root.resolve("usr/sbin")).resolve("apparmor_parser");
        Files.writeString(file, "#!/bin/sh\necho \"$@\" >> %s\n%s\n".formatted(calls, script));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private HostFacts load(boolean apparmor, String... loaded) throws Exception {
        HostFacts facts = HostFacts.probe().with(new HostFacts.Security(apparmor, HashSet.of(loaded), false, true));
        return new ApparmorLoader(root, Files.createDirectories(root.resolve("run"))).load(facts);
    }

    @Test
    void theProfileIsLoadedOnceWhereTheKernelHasApparmor() throws Exception {
        parser("echo 'cairn-default (enforce)' >> " + profiles);
        HostFacts facts = load(true, "other");
        assertThat(facts.security().apparmorProfiles()).containsExactlyInAnyOrder("other", "cairn-default");
        Path text = root.resolve("run/apparmor-cairn-default");
        assertThat(calls).hasContent("-K -r " + text);
        assertThat(Files.readString(text)).startsWith("@{PROC}=/proc/\n").contains("profile cairn-default flags=").contains("deny mount,")
                .contains("peer=cairn-default").doesNotContain("#include", "%1$s");
        assertThat(load(true, "cairn-default").security().apparmorProfiles()).containsExactly("cairn-default");
        assertThat(calls).hasContent("-K -r " + text);
    }

    @Test
    void whatTheNodeHasOfProfilesIsIncluded() throws Exception {
        parser("true");
        Files.createFile(Files.createDirectories(root.resolve("etc/apparmor.d/tunables")).resolve("global"));
        Files.createFile(Files.createDirectories(root.resolve("etc/apparmor.d/abstractions")).resolve("base"));
        load(true);
        assertThat(Files.readString(root.resolve("run/apparmor-cairn-default"))).startsWith("#include <tunables/global>\n")
                .contains("\n  #include <abstractions/base>\n").doesNotContain("@{PROC}=");
    }

    @Test
    void aNodeWithoutApparmorIsLeftAlone() throws Exception {
        parser("true");
        assertThat(load(false).security().apparmorProfiles()).isEmpty();
        assertThat(calls).doesNotExist();
    }

    @Test
    void whereItCannotBeLoadedTheDaemonGoesOnWithoutIt() throws Exception {
        assertThat(load(true, "other").security().apparmorProfiles()).containsExactly("other");
        parser("echo syntax error >&2; exit 1");
        assertThat(load(true, "other").security().apparmorProfiles()).containsExactly("other");
        assertThat(calls).exists();
    }
}
