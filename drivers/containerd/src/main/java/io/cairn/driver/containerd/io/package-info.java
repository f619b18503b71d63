/**
 * How the output of a container comes into its log, and how clients are connected.
 *
 * <pre>
 * program ─▶ shim ─▶ FIFO ─ splice(2) ─▶ spool ─▶ lines with time and name of the stream ─▶ log
 *                     │                            └─▶ attached clients
 *                     └─ held open by the daemon, and by a holder that outlives it
 * </pre>
 *
 * <p>Exactly once, though the daemon is killed at any instruction: one system call takes bytes out of the FIFO and puts them into the
 * spool; how far the spool has been written to the log is in the {@link io.cairn.driver.containerd.io.Cursor cursor}, and what a killed
 * daemon had written beyond that is read back from the log itself ({@link io.cairn.driver.containerd.io.Catchup}). Nothing is synced:
 * spool and FIFO end with the boot, as the container does.
 *
 * <p>While the daemon is down a container may write as much as its FIFOs hold, per stream 1 MiB where /proc/sys/fs/pipe-max-size has
 * its default; then it waits, and goes on when the daemon is back. The pipe counts in pages: of many writes that are neither small nor
 * whole pages it may hold only half as much.
 *
 * <p>All work that may wait for a disk is done by few threads of this package's own ({@link io.cairn.driver.containerd.io.Workers}), one
 * piece at a time for each container. See docs/decisions/0160.
 */
package io.cairn.driver.containerd.io;
