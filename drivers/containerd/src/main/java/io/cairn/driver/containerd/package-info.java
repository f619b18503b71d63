/**
 * The driver {@code containerd}: pods and containers by a containerd that is already on the node, in a containerd namespace of our own.
 *
 * <p>The truth is containerd's task service; its event stream is a hint at what to look at. Nothing of another client of the same
 * containerd is ever listed or touched.
 */
package io.cairn.driver.containerd;
