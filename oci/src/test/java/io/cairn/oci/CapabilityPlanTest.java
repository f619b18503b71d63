package io.cairn.oci;

import static io.cairn.oci.Fixtures.built;
import static io.cairn.oci.Fixtures.container;
import static io.cairn.oci.Fixtures.pod;
import static io.cairn.oci.Fixtures.refused;
import static io.cairn.oci.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.Capability;
import io.cairn.proto.cri.ContainerConfig;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import org.junit.jupiter.api.Test;

class CapabilityPlanTest {
    private static ContainerConfig.Builder with(List<String> add, List<String> drop, String... ambient) {
        var config = container();
        config.getLinuxBuilder().getSecurityContextBuilder().setCapabilities(Capability.newBuilder()
                .addAllAddCapabilities(add).addAllDropCapabilities(drop).addAllAddAmbientCapabilities(List.of(ambient)));
        return config;
    }

    private static OciSpec.Capabilities capabilities(ContainerConfig.Builder config) {
        return built(request(config)).spec().process().get().capabilities().get();
    }

    private static List<String> bounding(List<String> add, List<String> drop) {
        return capabilities(with(add, drop)).bounding();
    }

    @Test
    void theDefaultSetIsGivenWhenNothingIsAsked() {
        var given = capabilities(container());
        assertThat(given.bounding()).containsExactlyInAnyOrderElementsOf(CapabilityNames.DEFAULT);
        assertThat(given.effective()).isEqualTo(given.bounding());
        assertThat(given.permitted()).isEqualTo(given.bounding());
        assertThat(given.inheritable()).as("would pass through file capabilities").isEmpty();
        assertThat(given.ambient()).isEmpty();
    }

    @Test
    void namesAreTakenWithAndWithoutPrefixInAnyCase() {
        assertThat(bounding(List.of("NET_ADMIN", "cap_sys_time"), List.of("CAP_MKNOD", "net_raw")))
                .contains("CAP_NET_ADMIN", "CAP_SYS_TIME").doesNotContain("CAP_MKNOD", "CAP_NET_RAW").contains("CAP_CHOWN");
    }

    @Test
    void allIsAppliedBeforeTheNames() {
        assertThat(bounding(List.of("NET_ADMIN"), List.of("ALL"))).containsExactly("CAP_NET_ADMIN");
        assertThat(bounding(List.empty(), List.of("all"))).isEmpty();
        assertThat(bounding(List.of("ALL"), List.empty())).isEqualTo(CapabilityNames.BY_NUMBER);
        assertThat(bounding(List.of("ALL"), List.of("SYS_ADMIN"))).hasSize(40).doesNotContain("CAP_SYS_ADMIN");
        assertThat(bounding(List.of("ALL"), List.of("ALL"))).isEmpty();
        assertThat(bounding(List.of("KILL"), List.of("KILL"))).as("a drop by name wins").doesNotContain("CAP_KILL");
    }

    @Test
    void anUnknownNameIsRefused() {
        assertThat(refused(request(with(List.of("FLY"), List.empty()))).message()).contains("FLY");
        assertThat(refused(request(with(List.empty(), List.of("CAP_CAP_KILL")))).message()).contains("CAP_CAP_KILL");
        assertThat(refused(request(with(List.empty(), List.empty(), ""))).message()).contains("capabilities(7)");
    }

    @Test
    void ambientOnesAreInEverySetSoThatTheKernelTakesThem() {
        var given = capabilities(with(List.empty(), List.of("ALL"), "NET_BIND_SERVICE"));
        List<String> one = List.of("CAP_NET_BIND_SERVICE");
        assertThat(given).isEqualTo(new OciSpec.Capabilities(one, one, one, one, one));
    }

    @Test
    void whatTheDaemonMayNotGiveIsLeftOutAndTold() {
        Set<String> own = CapabilityNames.BY_NUMBER.toSet().removeAll(List.of("CAP_SYS_RESOURCE", "CAP_MKNOD"));
        var host = Fixtures.node().with(new HostFacts.Daemon(own, 0, false, HashMap.empty()));
        var result = built(request(with(List.of("SYS_RESOURCE"), List.empty()), pod(), host));
        assertThat(result.spec().process().get().capabilities().get().bounding()).doesNotContain("CAP_SYS_RESOURCE", "CAP_MKNOD");
        assertThat(result.clamps()).hasSize(1);
        assertThat(result.clamps().head().subject()).isEqualTo("process.capabilities");
        assertThat(result.clamps().head().asked()).isEqualTo("CAP_SYS_RESOURCE CAP_MKNOD");
        assertThat(result.clamps().head().given()).isEqualTo("nothing");
    }

    @Test
    void aPrivilegedContainerHasAllThatTheDaemonMayGiveWhateverItDrops() {
        var config = with(List.empty(), List.of("ALL"));
        config.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
        var privileged = pod();
        privileged.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
        var host = Fixtures.node().with(new HostFacts.Daemon(HashSet.of("CAP_CHOWN", "CAP_SYS_ADMIN"), 0, false, HashMap.empty()));
        assertThat(built(request(config, privileged, host)).spec().process().get().capabilities().get().effective())
                .containsExactly("CAP_CHOWN", "CAP_SYS_ADMIN");
        assertThat(refused(request(config)).message()).as("in an ordinary pod").contains("privileged");
    }

    @Test
    void masksAreReadAsTheKernelCountsThem() {
        assertThat(CapabilityNames.inMask(0x1fffeffffffL)).hasSize(40).doesNotContain("CAP_SYS_RESOURCE");
        assertThat(CapabilityNames.inMask(1L << 40)).containsExactly("CAP_CHECKPOINT_RESTORE");
        assertThat(CapabilityNames.inMask(-1L)).as("a newer kernel").hasSize(41);
    }
}
