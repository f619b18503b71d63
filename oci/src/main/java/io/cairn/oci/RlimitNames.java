package io.cairn.oci;

import static io.vavr.collection.Map.entry;

import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.Map;
import io.vavr.control.Option;

/** Resource limits: how /proc/self/limits calls them and how getrlimit(2) and the OCI runtime specification do. */
final class RlimitNames {
    private static final Map<String, String> BY_PROC_NAME = LinkedHashMap.ofEntries(
            entry("Max cpu time", "RLIMIT_CPU"),
            entry("Max file size", "RLIMIT_FSIZE"),
            entry("Max data size", "RLIMIT_DATA"),
            entry("Max stack size", "RLIMIT_STACK"),
            entry("Max core file size", "RLIMIT_CORE"),
            entry("Max resident set", "RLIMIT_RSS"),
            entry("Max processes", "RLIMIT_NPROC"),
            entry("Max open files", "RLIMIT_NOFILE"),
            entry("Max locked memory", "RLIMIT_MEMLOCK"),
            entry("Max address space", "RLIMIT_AS"),
            entry("Max file locks", "RLIMIT_LOCKS"),
            entry("Max pending signals", "RLIMIT_SIGPENDING"),
            entry("Max msgqueue size", "RLIMIT_MSGQUEUE"),
            entry("Max nice priority", "RLIMIT_NICE"),
            entry("Max realtime priority", "RLIMIT_RTPRIO"),
            entry("Max realtime timeout", "RLIMIT_RTTIME"));

    private RlimitNames() {}

    /** The type of a line of /proc/self/limits, if it is one. */
    static Option<String> ofProc(String line) {
        return BY_PROC_NAME.find(entry -> line.startsWith(entry._1() + " ")).map(entry -> entry._2());
    }

    static boolean isKnown(String type) {
        return BY_PROC_NAME.containsValue(type);
    }
}
