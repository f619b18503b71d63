package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.MountPropagation;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.testkit.Tool;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class MountTest extends CriTest {
    private static Mount.Builder mount(Path host, String container) {
        return Mount.newBuilder().setHostPath(host.toString()).setContainerPath(container);
    }

    private Path volume(String pod) throws Exception {
        return Files.createDirectories(node.logDirectory(pod).resolve("volume"));
    }

    @Test
    void whatAContainerWritesToAMountIsOnTheHost() throws Exception {
        Path volume = volume("volumes");
        Files.writeString(volume.resolve("from-host"), "host\n");
        Pod pod = run("volumes");

        assertThat(output(pod, shell("writer", "cat /deep/er/from-host; echo container > /deep/er/from-container").addMounts(mount(volume, "/deep/er")))).isEqualTo("host\n");
        assertThat(Files.readString(volume.resolve("from-container"))).isEqualTo("container\n");
        assertThat(output(pod, shell("reader", "cat /file").addMounts(mount(volume.resolve("from-host"), "/file")))).isEqualTo("host\n");
    }

    @Test
    void aReadOnlyMountRefusesWrites() throws Exception {
        Path volume = volume("fixed");

        assertThat(output(run("fixed"), shell("writer", "touch /v/x 2>&1 || echo refused").addMounts(mount(volume, "/v").setReadonly(true))))
                .contains("Read-only file system", "refused");
        assertThat(volume).isEmptyDirectory();
    }

    /** The CRI asks for an error, but the kubelet's hostPath volumes of no type rely on what all runtimes do. */
    @Test
    void aDirectoryToBeMountedIsMadeWhereThereIsNone() throws Exception {
        Path absent = volume("absent").resolve("made");

        assertThat(output(run("absent"), shell("maker", "echo x > /v/x").addMounts(mount(absent, "/v")))).isEmpty();
        assertThat(absent.resolve("x")).hasContent("x");
    }

    /** A tree of mounts that can be shared, whatever the host's own are; gone with the test. */
    private Path shared(String pod) throws Exception {
        Path top = volume(pod);
        Tool.run("mount", "-t", "tmpfs", "-o", "size=1m", "cairn-test", top.toString()).orThrow();
        Tool.run("mount", "--make-rshared", top.toString()).orThrow();
        return Files.createDirectory(top.resolve("inner"));
    }

    private static void unshare(Path inner) throws Exception {
        Tool.run("umount", "-R", inner.getParent().toString()).orThrow();
    }

    @Test
    void laterMountsOfTheHostAreSeenOnlyIfTheyPropagate() throws Exception {
        Path inner = shared("slaves");
        try {
            Pod pod = run("slaves");
            String slave = start(pod, sleeping("slave").addMounts(mount(inner.getParent(), "/v").setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)));
            String alone = start(pod, sleeping("alone").addMounts(mount(inner.getParent(), "/v").setPropagation(MountPropagation.PROPAGATION_PRIVATE)));
            Tool.run("mount", "-t", "tmpfs", "-o", "size=1m", "cairn-later", inner.toString()).orThrow();
            Files.createFile(inner.resolve("later"));

            assertThat(cri.sh(slave, "ls /v/inner")).isEqualTo("later\n");
            assertThat(cri.sh(alone, "ls /v/inner")).isEmpty();
            cri.removePod(pod.id());
        } finally {
            unshare(inner);
        }
    }

    @Test
    void mountsOfAPrivilegedContainerReachTheHostIfTheyPropagateBothWays() throws Exception {
        Path inner = shared("masters");
        try {
            PodSandboxConfig.Builder podConfig = podConfig("masters");
            podConfig.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
            Pod pod = run(podConfig);
            ContainerConfig.Builder config = sleeping("master").addMounts(
                    mount(inner.getParent(), "/v").setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL));
            config.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
            String id = start(pod, config);

            cri.sh(id, "mount -t tmpfs cairn-inner /v/inner && touch /v/inner/from-container");
            assertThat(inner.resolve("from-container")).exists();
            cri.removePod(pod.id());
        } finally {
            unshare(inner);
        }
    }

    @Test
    void propagationToTheHostIsForPrivilegedContainersOnly() throws Exception {
        Path volume = volume("modest");
        Pod pod = run("modest");

        assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT, () -> create(pod, sleeping("modest").addMounts(
                mount(volume, "/v").setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL))), "/v");
    }
}
