package io.cairn.images.registry;

import io.vavr.Tuple2;
import io.vavr.collection.Vector;
import java.nio.file.Path;

/**
 * What hosts.toml says about one host's TLS.
 *
 * @param authorities PEM files trusted besides the machine's own authorities
 * @param clientPairs certificate and key files; the key is the same file where it is in one
 * @param skipVerify neither the certificate nor the host name is looked at
 */
record Tls(Vector<Path> authorities, Vector<Tuple2<Path, Path>> clientPairs, boolean skipVerify) {
    static final Tls DEFAULT = new Tls(Vector.empty(), Vector.empty(), false);
}
