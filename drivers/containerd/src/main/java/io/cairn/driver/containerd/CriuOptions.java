package io.cairn.driver.containerd;

import io.cairn.driver.host.FileTrees;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Options of CRIU that a shim does not hand on when processes come back: without them, one with a locked file or an open connection would
 * not. runc has CRIU read them from the file that an annotation of the spec names (runc's docs/checkpoint-restore.md), and from none but
 * that: what the administrator has in the usual file is in it, too.
 */
record CriuOptions(ContainerdFiles files) {
    private static final String ANNOTATION = "org.criu.config";
    private static final Path USUAL = Path.of("/etc/criu/runc.conf");
    /** criu(8), "CONFIGURATION FILES": one option on a line, without its dashes. */
    private static final String OURS = "\nfile-locks\ntcp-established\n";

    void write() throws IOException {
        String usual = new String(FileTrees.read(USUAL).getOrElse(new byte[0]), StandardCharsets.UTF_8);
        FileTrees.write(files.criuOptions(), (usual + OURS).getBytes(StandardCharsets.UTF_8));
    }

    /** For the spec; none where the program begins anew. Those that a user gives a container have none of this name: oci.Annotations. */
    Map<String, String> annotations() {
        return Files.exists(files.criuOptions()) ? HashMap.of(ANNOTATION, files.criuOptions().toString()) : HashMap.empty();
    }
}
