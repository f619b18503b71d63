package io.cairn.driver.host;

import com.fasterxml.jackson.databind.JsonNode;
import io.vavr.collection.List;
import java.io.IOException;

/**
 * What an OCI runtime says it can do (OCI runtime specification, features.md).
 *
 * @param recursiveReadOnlyMounts it knows the mount option {@code rro}
 * @param userNamespaces it makes and joins them
 */
public record OciFeatures(boolean recursiveReadOnlyMounts, boolean userNamespaces) {
    /** Of a runtime without the verb {@code features}: what is not known to be there is not promised. */
    public static final OciFeatures NONE = new OciFeatures(false, false);

    /** @param json what it answers to the verb {@code features}; {@link #NONE} when it is no JSON */
    public static OciFeatures parse(byte[] json) {
        try {
            JsonNode features = FileTrees.JSON.readTree(json);
            return new OciFeatures(holds(features.path("mountOptions"), "rro"), holds(features.path("linux").path("namespaces"), "user"));
        } catch (IOException e) {
            return NONE;
        }
    }

    private static boolean holds(JsonNode list, String name) {
        return List.ofAll(list).exists(entry -> entry.asText().equals(name));
    }
}
