/**
 * Containers that are written down and go on from there, whichever driver runs them: what an archive looks like, the order of steps that a
 * crash may cut off anywhere, and CRIU.
 *
 * <pre>
 *   {@link io.cairn.driver.host.checkpoint.Checkpoints}    writes containers down, and settles what was cut off; {@link io.cairn.driver.host.checkpoint.CheckpointArchive} is what comes of it
 *   {@link io.cairn.driver.host.checkpoint.RestoredRoots}  root file systems of containers that go on
 *   {@link io.cairn.driver.host.checkpoint.Criu}           whether there is one that works; {@link io.cairn.driver.host.checkpoint.CriuRuns}, {@link io.cairn.driver.host.checkpoint.CriuLog}
 *
 *   a driver gives: {@link io.cairn.driver.host.checkpoint.Dumper}, {@link io.cairn.driver.host.checkpoint.CheckpointRoots}
 *
 * state/containers/ID/checkpoint.json  which checkpoint was tried last, and whether its archive is whole
 *                     checkpoint/      what a checkpoint is made of while it is made
 *                     restore/         what its processes come back from
 * </pre>
 */
package io.cairn.driver.host.checkpoint;
