/**
 * From CRI configuration to the OCI runtime specification: one builder for every driver that takes a config.json.
 *
 * <p>{@link io.cairn.oci.SpecBuilder#build} turns a {@link io.cairn.oci.SpecRequest} into a {@link io.cairn.oci.BuiltSpec} or
 * a {@link io.cairn.oci.SpecProblem} and touches nothing. What it must know of the node comes in as
 * {@link io.cairn.oci.HostFacts}, {@link io.cairn.oci.MountTable} and {@link io.cairn.oci.HostDevices}; what it must know of
 * the image as {@link io.cairn.oci.ImageConfig} and {@link io.cairn.oci.UserDatabase}. What was asked but cannot be had from
 * this node without failing is left out or lowered and told as a {@link io.cairn.oci.Clamp}.
 */
package io.cairn.oci;
