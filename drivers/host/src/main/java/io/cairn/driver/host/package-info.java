/**
 * What drivers share whose pods live on this host: the ground of pods, what a container is made of before its backend hears of it, and how
 * the host itself tells what has become of it. A driver adds who runs containers, holds their output and knows how they ended.
 *
 * <pre>
 *   {@link io.cairn.driver.host.Sandboxes}          pinned namespaces, shared memory, pod files; {@link io.cairn.driver.host.PodInits} where processes are shared
 *   {@link io.cairn.driver.host.ContainerCreation}  root file system, {@link io.cairn.driver.host.Volumes}, OCI spec, files
 *   {@link io.cairn.driver.host.Watch}              looks at what runs, every second; {@link io.cairn.driver.host.UnseenExits} when nobody has seen the end
 *   {@link io.cairn.driver.host.UnreadOutput}       what a client has not read yet of what a process says
 *
 *   a driver gives: {@link io.cairn.driver.host.Layout}, {@link io.cairn.driver.host.OciRuntimes}, {@link io.cairn.driver.host.RootFilesystems}, {@link io.cairn.driver.host.InitRunner}, {@link io.cairn.driver.host.Watched}
 * </pre>
 *
 * <p>What must be known after a crash or a reboot is in files, one fact per file, written before the step it speaks of. Only started.json,
 * vanished.json and checkpoint.json are synced: they speak of what has happened, and that stays true when the power fails; everything else
 * is about what ends with the boot.
 *
 * <pre>
 * state/containers/ID/container.json   the container is whole and may be started
 *                     config.json      its OCI spec
 *                     started.json     which process will now be let go, in which boot
 *                     vanished.json    it was found gone without an exit record, and between when
 * state/sandboxes/ID/sandbox.json      what the pod's ground consists of; resolv.conf, hostname, hosts beside it
 * state/alive                          who was last seen alive; its time is when
 * state/pod-init/                      root of all pods' inits
 * run/containers/ID/rootfs             mount
 * run/volumes/ID/                      what is mounted for one container before it is made
 * run/ns/ID/, run/sandboxes/ID/        pinned namespaces; shm, init
 * </pre>
 */
package io.cairn.driver.host;
