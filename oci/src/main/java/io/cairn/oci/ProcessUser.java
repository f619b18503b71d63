package io.cairn.oci;

import io.vavr.collection.List;

/** Who the container's first process runs as, in the container's user namespace; the primary group is one of the groups. */
public record ProcessUser(long uid, long gid, List<Long> supplementalGroups) {}
