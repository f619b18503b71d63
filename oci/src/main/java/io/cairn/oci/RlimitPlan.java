package io.cairn.oci;

import io.vavr.collection.List;

/** Limits from the daemon's configuration, lowered to what the daemon itself may set (setrlimit(2), CAP_SYS_RESOURCE). */
final class RlimitPlan {
    private RlimitPlan() {}

    static List<OciSpec.Rlimit> plan(List<OciSpec.Rlimit> asked, HostFacts.Daemon daemon, Clamps clamps) throws Refused {
        List<OciSpec.Rlimit> given = List.empty();
        for (OciSpec.Rlimit limit : asked) {
            if (!RlimitNames.isKnown(limit.type()) || given.exists(g -> g.type().equals(limit.type()))) {
                throw Refused.request("Expected a resource limit of getrlimit(2), each once, but found \"%.40s\"", limit.type());
            }
            if (Long.compareUnsigned(limit.soft(), limit.hard()) > 0) {
                throw Refused.request("Expected the soft %s limit to be at most the hard one, but they are %s", limit.type(), text(limit));
            }
            given = given.append(daemon.sysResource() ? limit : lowered(limit, daemon.hardRlimits().getOrElse(limit.type(), -1L), clamps));
        }
        return given;
    }

    private static OciSpec.Rlimit lowered(OciSpec.Rlimit asked, long ceiling, Clamps clamps) {
        if (Long.compareUnsigned(asked.hard(), ceiling) <= 0) {
            return asked;
        }
        long soft = Long.compareUnsigned(asked.soft(), ceiling) > 0 ? ceiling : asked.soft();
        var given = new OciSpec.Rlimit(asked.type(), soft, ceiling);
        clamps.add("process.rlimits." + asked.type(), text(asked), text(given),
                "the daemon lacks CAP_SYS_RESOURCE and cannot raise a limit above its own hard one");
        return given;
    }

    private static String text(OciSpec.Rlimit limit) {
        return "soft %s, hard %s".formatted(Long.toUnsignedString(limit.soft()), Long.toUnsignedString(limit.hard()));
    }
}
