package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.SecurityProfile;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Seccomp profiles that are files of the node. */
public final class SeccompProfiles {
    private static final int BYTES_MAX = 1 << 20;

    private SeccompProfiles() {}

    /** What is in the one that a container asks for; none when it asks for no file. */
    public static Option<byte[]> local(ContainerConfig config) throws DriverException {
        SecurityProfile seccomp = config.getLinux().getSecurityContext().getSeccomp();
        return seccomp.getProfileType() == SecurityProfile.ProfileType.Localhost
                ? Option.some(read(Requests.path(seccomp.getLocalhostRef(), "localhost_ref of the seccomp profile"))) : Option.none();
    }

    private static byte[] read(Path file) throws DriverException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw Failures.invalid("Expected the seccomp profile %s to have at most %d bytes, but it has more", file, BYTES_MAX);
            }
            return bytes;
        } catch (IOException e) {
            throw Failures.io("Cannot read the seccomp profile " + file, e);
        }
    }
}
