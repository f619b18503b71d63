package io.cairn.oci;

import io.vavr.collection.List;

/** A spec with what its maker wants to tell and record: whom the process runs as, and what was not given as asked. */
public record BuiltSpec(OciSpec spec, ProcessUser user, List<Clamp> clamps) {}
