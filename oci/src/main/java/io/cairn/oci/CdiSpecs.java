package io.cairn.oci;

import io.vavr.collection.List;
import java.nio.file.Path;

/** The devices that files of the Container Device Interface describe on this node. */
public interface CdiSpecs {
    /**
     * What these devices change together: for each file the edits for all of its devices once, then those of each device.
     *
     * @throws Refused where one is not there, or is there twice
     */
    CdiEdits edits(List<CdiName> devices) throws Refused;

    /**
     * Of the files {@code *.json}, {@code *.yaml} and {@code *.yml} in directories; a device in a later one takes the place of one of the
     * same name in an earlier one. Looks at the file system at every call: vendors write such files while the node runs.
     */
    static CdiSpecs in(List<Path> directories) {
        return new CdiDirectories(directories);
    }
}
