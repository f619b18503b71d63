package io.cairn.oci;

import io.vavr.collection.List;
import io.vavr.control.Option;

/**
 * A Localhost profile: the OCI specification's own format, with what Docker adds to it (archMap, conditions by capability,
 * architecture and kernel, a single name). Every word is checked here, since an OCI runtime's error would come at start and
 * name neither the file nor the rule.
 */
final class SeccompFile {
    private static final long MAX_ERRNO = 4095;

    private final String reference;
    private final HostFacts host;
    private final List<String> bounding;

    SeccompFile(String reference, HostFacts host, List<String> bounding) {
        this.reference = reference;
        this.host = host;
        this.bounding = bounding;
    }

    OciSpec.Seccomp read(byte[] bytes) throws Refused {
        String what = "seccomp profile " + reference;
        var in = new JsonIn(Json.parse(bytes, what), what);
        String action = action(in.textOr("defaultAction", ""), "defaultAction");
        List<OciSpec.Syscall> rules = in.list("syscalls", this::rule).flatMap(rule -> rule);
        return new OciSpec.Seccomp(action, errno(in, "defaultErrnoRet"), architectures(in), flags(in), rules);
    }

    private List<String> architectures(JsonIn in) throws Refused {
        List<String> named = in.texts("architectures");
        List<List<String>> mapped = in.list(
                "archMap", m -> List.of(m.textOr("architecture", "")).appendAll(m.texts("subArchitectures")));
        if (!named.isEmpty() && !mapped.isEmpty()) {
            throw Refused.request("Expected seccomp profile %s to have architectures or archMap, but it has both", reference);
        }
        String nativeName = SeccompNames.architectures(host.architecture()).head();
        List<String> chosen = mapped.isEmpty() ? named : mapped.find(m -> m.head().equals(nativeName)).getOrElse(List.empty());
        for (String architecture : chosen) {
            if (!architecture.matches("SCMP_ARCH_[A-Z0-9_]{2,20}")) {
                throw wrong("an architecture to read like SCMP_ARCH_X86_64", architecture);
            }
        }
        return chosen;
    }

    private List<String> flags(JsonIn in) throws Refused {
        List<String> flags = in.texts("flags");
        Option<String> unknown = flags.find(flag -> !SeccompNames.FLAGS.contains(flag));
        if (unknown.isDefined()) {
            throw wrong("flags to be of " + SeccompNames.FLAGS.mkString(", "), unknown.get());
        }
        return flags;
    }

    /** None where a condition leaves the rule out. */
    private Option<OciSpec.Syscall> rule(JsonIn in) throws Refused {
        List<String> names = in.texts("names").appendAll(in.text("name").filter(n -> !n.isEmpty()));
        if (names.isEmpty()) {
            throw Refused.request("Expected %s to name a system call, but it names none", in.at());
        }
        for (String name : names) {
            if (!name.matches("[A-Za-z0-9_]{1,64}")) {
                throw wrong("the name of a system call", name);
            }
        }
        String action = action(in.textOr("action", ""), in.at() + ".action");
        var rule = new OciSpec.Syscall(names, action, errno(in, "errnoRet"), in.list("args", this::argument));
        boolean included = in.object("includes", this::everyConditionHolds).getOrElse(true);
        boolean excluded = in.object("excludes", this::anyConditionHolds).getOrElse(false);
        return Option.when(included && !excluded, rule);
    }

    private OciSpec.SyscallArg argument(JsonIn in) throws Refused {
        int index = in.smallNumber("index").getOrElse(0);
        String operator = in.textOr("op", "");
        if (index < 0 || index > 5) {
            throw wrong("the index of an argument to be from 0 to 5", Integer.toString(index));
        }
        if (!SeccompNames.OPERATORS.contains(operator)) {
            throw wrong("an operator of " + SeccompNames.OPERATORS.mkString(", "), operator);
        }
        return new OciSpec.SyscallArg(index, in.unsigned("value"), in.unsigned("valueTwo"), operator);
    }

    private boolean everyConditionHolds(JsonIn in) throws Refused {
        List<String> architectures = in.texts("arches");
        return in.texts("caps").forAll(bounding::contains)
                && (architectures.isEmpty() || architectures.contains(SeccompNames.docker(host.architecture())))
                && kernelIsNew(in).getOrElse(true);
    }

    private boolean anyConditionHolds(JsonIn in) throws Refused {
        return in.texts("caps").exists(bounding::contains)
                || in.texts("arches").contains(SeccompNames.docker(host.architecture()))
                || kernelIsNew(in).getOrElse(false);
    }

    private Option<Boolean> kernelIsNew(JsonIn in) throws Refused {
        Option<String> text = in.text("minKernel").filter(t -> !t.isEmpty());
        if (text.isEmpty()) {
            return Option.none();
        }
        return Option.some(host.kernel().isAtLeast(KernelVersion.parse(text.get())
                .getOrElseThrow(() -> wrong("minKernel to read like 5.12", text.get()))));
    }

    private String action(String action, String where) throws Refused {
        if (action.equals("SCMP_ACT_NOTIFY")) {
            throw Refused.host("Expected seccomp profile %s to decide by itself, but %s is SCMP_ACT_NOTIFY: there is no agent to ask here",
                    reference, where);
        }
        if (!SeccompNames.ACTIONS.contains(action)) {
            throw wrong(where + " to be of " + SeccompNames.ACTIONS.mkString(", "), action);
        }
        return action;
    }

    private Option<Long> errno(JsonIn in, String field) throws Refused {
        Option<Long> errno = in.number(field);
        if (errno.exists(e -> e < 0 || e > MAX_ERRNO)) {
            throw wrong(field + " to be from 0 to " + MAX_ERRNO, errno.get().toString());
        }
        return errno;
    }

    private Refused wrong(String expected, String found) {
        return Refused.request("Expected in seccomp profile %s %s, but found \"%.80s\"", reference, expected, found);
    }
}
