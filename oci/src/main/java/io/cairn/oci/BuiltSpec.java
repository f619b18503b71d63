package io.cairn.oci;

import io.vavr.collection.List;

/**
 * A spec with what its maker wants to tell and record.
 *
 * @param user whom the process runs as
 * @param stopSignal what StopContainer sends first
 * @param clamps what was not given as asked, and why
 */
public record BuiltSpec(OciSpec spec, ProcessUser user, StopSignal stopSignal, List<Clamp> clamps) {}
