package io.cairn.oci;

import io.cairn.proto.cri.Capability;
import io.vavr.collection.LinkedHashSet;
import io.vavr.collection.List;
import io.vavr.collection.Set;

/**
 * Which capabilities the process gets. ALL is applied first, then the names: so "add NET_ADMIN, drop ALL" leaves NET_ADMIN
 * alone, as Kubernetes documents. Inheritable stays empty but for ambient ones: a full inheritable set would let files with
 * file capabilities hand them to users who have none (capabilities(7)).
 */
final class CapabilityPlan {
    private static final String ALL = "ALL";

    private final Set<String> bounding;
    private final Clamps clamps;

    CapabilityPlan(HostFacts host, Clamps clamps) {
        this.bounding = host.daemon().boundingCapabilities();
        this.clamps = clamps;
    }

    OciSpec.Capabilities plan(Capability asked, boolean privileged) throws Refused {
        List<String> add = List.ofAll(asked.getAddCapabilitiesList());
        List<String> drop = List.ofAll(asked.getDropCapabilitiesList());
        Set<String> ambient = names(List.ofAll(asked.getAddAmbientCapabilitiesList()));
        Set<String> wanted;
        if (privileged) {
            wanted = CapabilityNames.BY_NUMBER.toSet();
        } else {
            wanted = base(add, drop).addAll(names(add)).addAll(ambient).removeAll(names(drop));
        }
        List<String> given = ordered(wanted.intersect(bounding));
        List<String> missing = ordered(wanted.diff(bounding));
        if (!missing.isEmpty()) {
            clamps.add("process.capabilities", missing.mkString(" "), Clamps.NOTHING,
                    "they are outside the daemon's own bounding set (CapBnd in /proc/self/status): start the daemon with them");
        }
        List<String> kept = given.filter(ambient::contains);
        return new OciSpec.Capabilities(given, given, kept, given, kept);
    }

    private static Set<String> base(List<String> add, List<String> drop) {
        if (holdsAll(drop)) {
            return LinkedHashSet.empty();
        }
        return holdsAll(add) ? CapabilityNames.BY_NUMBER.toSet() : CapabilityNames.DEFAULT.toSet();
    }

    private static boolean holdsAll(List<String> names) {
        return names.exists(ALL::equalsIgnoreCase);
    }

    private static Set<String> names(List<String> texts) throws Refused {
        Set<String> names = LinkedHashSet.empty();
        for (String text : texts) {
            names = ALL.equalsIgnoreCase(text) ? names : names.add(CapabilityNames.normal(text));
        }
        return names;
    }

    /** By number, so that the same request gives the same bytes. */
    private static List<String> ordered(Set<String> names) {
        return CapabilityNames.BY_NUMBER.filter(names::contains);
    }
}
