package io.cairn.driver.docker.engine;

import java.io.IOException;
import java.io.OutputStream;

/** An archive of images, of the form {@code docker save} makes. */
@FunctionalInterface
public interface ImageArchive {
    void writeTo(OutputStream output) throws IOException;
}
