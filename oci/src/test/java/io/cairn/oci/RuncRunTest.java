package io.cairn.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.vavr.collection.Map;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuncRunTest {
    @TempDir
    Path dir;

    private RuncHost runc;
    private HostFacts host;
    private Map<String, Path> pod;

    @BeforeEach
    void open() throws Exception {
        runc = new RuncHost(dir);
        host = HostFacts.probe();
        pod = runc.namespaces("--net", "--ipc", "--uts");
    }

    @AfterEach
    void close() throws Exception {
        runc.close();
    }

    private RuncHost.Result sh(String script, UnaryOperator<ContainerConfig.Builder> change) throws Exception {
        ContainerConfig.Builder config = change.apply(Fixtures.container().addCommand("/bin/sh").addArgs("-c").addArgs(script));
        var sandbox = Fixtures.pod();
        sandbox.getLinuxBuilder().setCgroupParent(runc.cgroupParent());
        var request = SpecRequest.of("c1", "p1", config.build(), sandbox.build(), Fixtures.image(), runc.rootfs(),
                        PodNamespaces.of(pod.get("net").get(), pod.get("ipc").get(), pod.get("uts").get()), CgroupDriver.CGROUPFS, host)
                .withUsers(Fixtures.users());
        return runc.run("c1", Fixtures.built(request).spec());
    }

    @Test
    void anOrdinaryContainerRunsInThePodsNamespaces() throws Exception {
        var result = sh("readlink /proc/self/ns/net; echo $$; id -u", config -> config);
        assertThat(result.err()).isEmpty();
        assertThat(result.out().lines()).containsExactly(
                java.nio.file.Files.readSymbolicLink(pod.get("net").get()).toString(), "1", "0");
        assertThat(result.exitCode()).isZero();
    }
}
