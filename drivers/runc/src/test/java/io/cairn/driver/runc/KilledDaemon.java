package io.cairn.driver.runc;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.driver.host.DriverFixture;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.PodSandboxConfig;
import io.vavr.collection.Vector;
import java.nio.file.Path;

/**
 * A program that makes and removes pods with containers until it is killed; see {@link RuncKilledTest}. Each container notes every
 * run of its program in a file of its own.
 */
final class KilledDaemon {
    private static final int WORKERS = 3;

    private KilledDaemon() {}

    /** Arguments: directory, image id, cgroup, directory of the notes. */
    public static void main(String[] arguments) throws Exception {
        Driver driver = new RuncDriverProvider().open(RuncDriverTest.context(Path.of(arguments[0])));
        driver.observe((id, report) -> {});
        for (int worker = 0; worker < WORKERS; worker++) {
            boolean sharesProcesses = worker == 0;
            Thread.ofPlatform().start(() -> work(driver, arguments, sharesProcesses));
        }
        System.out.println("ready");
    }

    private static void work(Driver driver, String[] arguments, boolean sharesProcesses) {
        try {
            while (true) {
                live(driver, arguments, sharesProcesses);
            }
        } catch (Exception e) {
            // Told to the test, which expects to kill this program and not to see it end.
            e.printStackTrace(System.out);
            System.exit(1);
        }
    }

    private static void live(Driver driver, String[] arguments, boolean sharesProcesses) throws Exception {
        var config = PodSandboxConfig.newBuilder().setHostname("pod");
        config.getLinuxBuilder().setCgroupParent(arguments[2]).getSecurityContextBuilder().getNamespaceOptionsBuilder()
                .setPid(sharesProcesses ? NamespaceMode.POD : NamespaceMode.CONTAINER);
        var pod = new SandboxSpec(DriverFixture.random(32), config.build(), "");
        driver.prepareSandbox(pod);
        String id = DriverFixture.random(32);
        driver.createContainer(new ContainerSpec(id, pod, container(id, arguments[3]), arguments[1]));
        driver.watch(id, driver.startContainer(id).pid());
        driver.exec(new ExecSpec(DriverFixture.random(32), id, Vector.of("true"), 10_000));
        driver.removeContainer(id);
        driver.releaseSandbox(pod.id());
        driver.removeSandbox(pod.id());
    }

    private static ContainerConfig container(String id, String notes) {
        return ContainerConfig.newBuilder().addCommand("sh").addArgs("-c").addArgs("echo run >> /notes/" + id + "; exec sleep 1000")
                .addMounts(Mount.newBuilder().setHostPath(notes).setContainerPath("/notes")).build();
    }
}
