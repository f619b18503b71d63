package io.cairn.oci;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Either;
import io.vavr.control.Option;

/**
 * The parts of the OCI runtime specification (config.md and config-linux.md, 1.0.2 to 1.2) that Cairn sends to a runtime.
 *
 * <p>An immutable value: jackson writes it through {@link #toTree()} exactly in the specification's names, absent fields
 * omitted. Paths are texts here, as they belong to the file systems of the container and of the host alike.
 */
public record OciSpec(
        String ociVersion,
        Option<Process> process,
        Root root,
        Option<String> hostname,
        List<Mount> mounts,
        Map<String, String> annotations,
        Map<String, List<Hook>> hooks,
        Linux linux) {

    /** runc 1.1 reads 1.0.x, runc 1.2 and crun read 1.0.x too: the oldest version that has all that is used. */
    static final String VERSION = "1.0.2";

    public record Process(
            boolean terminal,
            Option<ConsoleSize> consoleSize,
            User user,
            List<String> args,
            List<String> env,
            String cwd,
            Option<Capabilities> capabilities,
            List<Rlimit> rlimits,
            boolean noNewPrivileges,
            Option<String> apparmorProfile,
            Option<Integer> oomScoreAdj,
            Option<String> selinuxLabel) {}

    /** In characters. */
    public record ConsoleSize(int height, int width) {}

    public record User(long uid, long gid, List<Long> additionalGids) {}

    /** Names with their CAP_ prefix, capabilities(7). */
    public record Capabilities(
            List<String> bounding, List<String> effective, List<String> inheritable, List<String> permitted, List<String> ambient) {
        public static Capabilities none() {
            return new Capabilities(List.empty(), List.empty(), List.empty(), List.empty(), List.empty());
        }
    }

    /** Type with its RLIMIT_ prefix, getrlimit(2); values are unsigned: -1 is no limit. */
    public record Rlimit(String type, long soft, long hard) {}

    public record Root(String path, boolean readonly) {}

    public record Mount(
            String destination,
            String type,
            String source,
            List<String> options,
            List<IdMapping> uidMappings,
            List<IdMapping> gidMappings) {
        static Mount of(String destination, String type, String source, String... options) {
            return new Mount(destination, type, source, List.of(options), List.empty(), List.empty());
        }
    }

    /** A program of the host that the runtime runs at a point of the container's life; the time limit is in seconds. */
    public record Hook(String path, List<String> args, List<String> env, Option<Integer> timeout) {
        static Hook read(JsonIn in) throws Refused {
            return new Hook(in.textOr("path", ""), in.texts("args"), in.texts("env"), in.smallNumber("timeout"));
        }
    }

    public record IdMapping(long containerId, long hostId, long size) {}

    public record Linux(
            List<IdMapping> uidMappings,
            List<IdMapping> gidMappings,
            Resources resources,
            Option<String> cgroupsPath,
            List<Namespace> namespaces,
            List<Device> devices,
            Option<Seccomp> seccomp,
            Option<String> rootfsPropagation,
            List<String> maskedPaths,
            List<String> readonlyPaths,
            Option<String> mountLabel) {}

    /** Type is one of pid, network, mount, ipc, uts, user, cgroup; without a path the runtime makes a new one. */
    public record Namespace(String type, Option<String> path) {}

    /** Type is c, b, u or p; mode holds permission bits only. */
    public record Device(String path, String type, long major, long minor, int fileMode, long uid, long gid) {}

    public record Resources(
            List<DeviceRule> devices,
            Memory memory,
            Cpu cpu,
            List<HugepageLimit> hugepageLimits,
            Map<String, String> unified) {}

    /** Major and minor absent mean all; access is made of r, w and m. */
    public record DeviceRule(boolean allow, Option<String> type, Option<Long> major, Option<Long> minor, String access) {}

    /** Bytes; swap is memory and swap together, -1 is no limit. */
    public record Memory(Option<Long> limit, Option<Long> swap) {
        static Memory none() {
            return new Memory(Option.none(), Option.none());
        }
    }

    /** Quota and period in microseconds. */
    public record Cpu(Option<Long> shares, Option<Long> quota, Option<Long> period, Option<String> cpus, Option<String> mems) {
        static Cpu none() {
            return new Cpu(Option.none(), Option.none(), Option.none(), Option.none(), Option.none());
        }
    }

    /** Page size in the kernel's words (64KB, 2MB, 1GB); the limit in bytes is unsigned. */
    public record HugepageLimit(String pageSize, long limit) {}

    public record Seccomp(
            String defaultAction, Option<Long> defaultErrnoRet, List<String> architectures, List<String> flags, List<Syscall> syscalls) {}

    public record Syscall(List<String> names, String action, Option<Long> errnoRet, List<SyscallArg> args) {}

    /** Values are unsigned 64 bit. */
    public record SyscallArg(int index, long value, long valueTwo, String op) {}

    /** The tree that config.json is written from; {@code JsonValue} lets any ObjectMapper write the spec itself. */
    @JsonValue
    public JsonNode toTree() {
        return SpecWriter.spec(this);
    }

    /** The bytes of config.json, indented: people read it when something is wrong. */
    public byte[] toJson() {
        return Json.bytes(toTree());
    }

    /** Reads what {@link #toJson()} wrote, or a config.json of another maker; unknown fields are left out. */
    public static Either<SpecProblem, OciSpec> parse(byte[] configJson) {
        return Refused.catching(() -> SpecReader.spec(Json.parse(configJson, "config.json")));
    }
}
