package io.cairn.oci;

import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;

/**
 * What the image says about its process (OCI image specification, config.md, "config"). An empty text counts as absent.
 *
 * @param env entries of the form KEY=value
 * @param user "user", "uid", "user:group" or "uid:gid"
 * @param stopSignal a name with or without SIG, or a number
 */
public record ImageConfig(
        List<String> env,
        List<String> entrypoint,
        List<String> cmd,
        Option<String> workingDir,
        Option<String> user,
        Option<String> stopSignal,
        Map<String, String> labels) {

    public ImageConfig {
        workingDir = workingDir.filter(s -> !s.isEmpty());
        user = user.filter(s -> !s.isEmpty());
        stopSignal = stopSignal.filter(s -> !s.isEmpty());
    }

    /** An image that says nothing. */
    public static ImageConfig empty() {
        return new ImageConfig(
                List.empty(), List.empty(), List.empty(), Option.none(), Option.none(), Option.none(), LinkedHashMap.empty());
    }
}
