package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.CDIDevice;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.HugepageLimit;
import io.cairn.testkit.DriverUnderTest.Feature;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DeviceTest extends CriTest {
    private Path file;

    @BeforeEach
    void describe() throws Exception {
        Path given = Files.writeString(node.logDirectory("cdi").resolve("library"), "driver\n");
        file = Files.writeString(Files.createDirectories(node.cdiDir()).resolve("vendor.yaml"), """
                cdiVersion: 0.6.0
                kind: cairn.test/log
                containerEdits:
                  env: [LOG_DRIVER=1]
                devices:
                - name: kernel
                  containerEdits:
                    deviceNodes:
                    - {path: /dev/diary, hostPath: /dev/kmsg, permissions: w}
                    mounts:
                    - {hostPath: %s, containerPath: /lib/driver, options: [ro]}
                """.formatted(given));
    }

    @AfterEach
    void forget() throws Exception {
        Files.delete(file);
    }

    private static ContainerConfig.Builder with(ContainerConfig.Builder config, String device) {
        return config.addCDIDevices(CDIDevice.newBuilder().setName(device));
    }

    @Test
    void aVendorsDeviceComesWithAllThatItsFileSays() throws Exception {
        Pod pod = run("vendor");
        if (!node.driver().can(Feature.RENAMED_CDI_NODES)) {
            assertRefusedWithoutTrace(Status.Code.UNIMPLEMENTED, () -> create(pod, with(sleeping("vendor"), "cairn.test/log=kernel")),
                    node.driver().name(), "/dev/diary");
            return;
        }
        String id = start(pod, with(sleeping("vendor"), "cairn.test/log=kernel"));

        assertThat(cri.sh(id, "echo $LOG_DRIVER; cat /lib/driver; : > /dev/diary && echo opened")).isEqualTo("1\ndriver\nopened\n");
        assertThat(cri.sh(id, "(: < /dev/diary) 2>&1 || echo refused")).contains("refused");
        assertThat(cri.sh(startSleeping(pod), "ls /dev")).doesNotContain("diary");
    }

    @Test
    void aDeviceThatNobodyDescribesIsRefusedByName() throws Exception {
        Pod pod = run("undescribed");

        assertRefusedWithoutTrace(Status.Code.UNIMPLEMENTED, () -> create(pod, with(sleeping("unknown"), "cairn.test/log=other")),
                "cairn.test/log=other", node.cdiDir().toString());
        assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT, () -> create(pod, with(sleeping("climbing"), "../../etc")), "../../etc");
        Files.writeString(file, "{[");
        assertRefusedWithoutTrace(Status.Code.UNIMPLEMENTED, () -> create(pod, with(sleeping("broken"), "cairn.test/log=kernel")),
                file.toString());
    }

    /** The kubelet sends limits of hugepages to every node. */
    @Test
    void aLimitOfAControllerThatIsNotThereIsLeftOut() throws Exception {
        ContainerConfig.Builder config = sleeping("pages");
        config.getLinuxBuilder().getResourcesBuilder().addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(0));

        assertThat(cri.pid(start(run("pages"), config))).isPositive();
    }
}
