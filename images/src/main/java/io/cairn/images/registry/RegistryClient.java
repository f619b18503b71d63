package io.cairn.images.registry;

import io.cairn.images.registry.RegistryFailure.Kind;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import java.io.IOException;

/**
 * A client of OCI distribution-spec registries. Knows nothing of stores: it hands out documents and streams of bytes, all
 * checked against their digests. Thread-safe, and holds nothing between sessions.
 */
public final class RegistryClient {
    private final RegistryOptions options;

    public RegistryClient(RegistryOptions options) {
        this.options = options;
    }

    /**
     * Starts asking for one image.
     *
     * @return the session, to be closed; or a failure of kind {@link Kind#CONFIGURATION} that names the file to mend
     */
    public Either<RegistryFailure, RegistrySession> session(ImageReference reference, Credentials credentials) {
        Vector<Transport> transports = Vector.empty();
        try {
            Vector<HostClient> hosts = Vector.empty();
            for (Endpoint endpoint : Hosts.of(reference.registry(), options.hostsDirectories())) {
                int connectTimeoutMillis = endpoint.connectTimeoutMillis().getOrElse(options.connectTimeoutMillis());
                var transport = new Transport(endpoint.tls(), connectTimeoutMillis, options);
                transports = transports.append(transport);
                var login = credentials.loginFor(endpoint.namespace().isEmpty() ? reference.registry() : endpoint.host());
                hosts = hosts.append(new HostClient(endpoint, transport, login, reference.repository()));
            }
            return Either.right(new RegistrySession(reference, options, hosts, transports));
        } catch (IOException e) {
            transports.forEach(Transport::close);
            return Either.left(RegistryFailure.of(Kind.CONFIGURATION, reference.toString(), String.valueOf(e.getMessage())));
        }
    }
}
