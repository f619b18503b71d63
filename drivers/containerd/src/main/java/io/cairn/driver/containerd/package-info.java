/**
 * The driver {@code containerd}: pods and containers by a containerd that is already on the node, in a containerd namespace of our own.
 *
 * <p>The truth is containerd's task service; its event stream is a hint at what to look at. Nothing of another client of the same
 * containerd is ever listed or touched.
 *
 * <pre>
 * state/containers/ID/   besides those of {@link io.cairn.driver.host}:
 *   criu.conf            what CRIU is told of a container that comes back
 *   ended.json           how it ended, before its task is deleted
 * run/containers/ID/
 *   attempt              its task is being made
 *   restoring            its processes are being brought back, and may run from now on
 *   let-go               its program runs, or has run
 *   output/              FIFOs, spools and the cursor of its output; {@link io.cairn.driver.containerd.io}
 * </pre>
 */
package io.cairn.driver.containerd;
