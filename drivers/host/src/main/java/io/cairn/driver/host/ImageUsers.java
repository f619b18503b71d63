package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.linux.RootFiles;
import io.cairn.oci.UserDatabase;
import java.io.IOException;
import java.nio.file.Path;

/** Users and groups as a root file system has them, in which nothing is trusted. */
final class ImageUsers {
    private ImageUsers() {}

    /** @param root mounted; links in it are followed as if it were all there is */
    static UserDatabase of(Path root) throws DriverException {
        return UserDatabase.parse(file(root, "/etc/passwd"), file(root, "/etc/group"))
                .getOrElseThrow(problem -> Failures.failed("%s", problem.message()));
    }

    private static byte[] file(Path root, String path) throws DriverException {
        try {
            return RootFiles.read(root, path, UserDatabase.MAX_FILE_BYTES).orElse(new byte[0]);
        } catch (IOException e) {
            throw Failures.io("Cannot read %s of the image".formatted(path), e);
        }
    }
}
