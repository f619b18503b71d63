/**
 * Pods and containers by an OCI runtime under conmon, with no daemon below.
 *
 * <p>What must be known after a crash or a reboot is in files, one fact per file, written before the step it
 * speaks of. Only started.json and vanished.json are synced: they speak of what has happened, and that stays true when the power
 * fails; everything else is about what ends with the boot.
 *
 * <pre>
 * state/containers/ID/container.json   the container is whole and may be started
 *                     config.json      its OCI spec
 *                     started.json     which process will now be let go, in which boot
 *                     vanished.json    it was found gone without an exit record, and between when
 *                     conmon/          conmon's own: exit, oom
 * state/sandboxes/ID/sandbox.json      what the pod's ground consists of; resolv.conf, hostname, hosts beside it
 * state/exits/ID                       exit code as text, written by conmon; its time is the time of the exit
 * state/alive                          who was last seen alive; its time is when
 * run/containers/ID/                   bundle: rootfs (mount), pid files, attach socket, exec/ID
 * run/ns/ID/, run/sandboxes/ID/        pinned namespaces; shm, init
 * </pre>
 */
package io.cairn.driver.runc;
