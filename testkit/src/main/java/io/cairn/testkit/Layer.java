package io.cairn.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * A layer: a gzipped tar whose bytes depend on its content alone.
 *
 * @param diffId digest of the tar
 */
record Layer(String diffId, OciImage.Blob blob) {
    private static final String MEDIA_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";

    /** Collects a layer's entries, parents before children. */
    static final class Builder {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name());

        Builder directory(String path, int mode) throws IOException {
            return entry(new TarArchiveEntry(path + "/"), mode, new byte[0]);
        }

        Builder file(String path, int mode, byte[] content) throws IOException {
            return entry(new TarArchiveEntry(path), mode, content);
        }

        Builder link(String path, String target) throws IOException {
            var link = new TarArchiveEntry(path, TarConstants.LF_SYMLINK);
            link.setLinkName(target);
            return entry(link, 0777, new byte[0]);
        }

        private Builder entry(TarArchiveEntry entry, int mode, byte[] content) throws IOException {
            entry.setMode(mode);
            entry.setIds(0, 0);
            entry.setModTime(0L);
            if (content.length > 0) {
                entry.setSize(content.length);
            }
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
            return this;
        }

        Layer build() throws IOException {
            tar.close();
            var packed = new ByteArrayOutputStream();
            try (var gzip = new GZIPOutputStream(packed)) {
                bytes.writeTo(gzip);
            }
            return new Layer(OciImage.sha256(bytes.toByteArray()), new OciImage.Blob(MEDIA_TYPE, packed.toByteArray()));
        }
    }
}
