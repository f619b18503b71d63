/**
 * Drives Cairn from outside, as a kubelet and a host's owner would: {@link io.cairn.testkit.TestNode} is a node in a temporary
 * directory, {@link io.cairn.testkit.DaemonProcess} the program on it, {@link io.cairn.testkit.CriClient} its client,
 * {@link io.cairn.testkit.LoopbackRegistry} and {@link io.cairn.testkit.TestImages} what it pulls, and
 * {@link io.cairn.testkit.Leaks} looks at the host itself for what was left behind. Knows nothing of Cairn's inside.
 */
package io.cairn.testkit;
