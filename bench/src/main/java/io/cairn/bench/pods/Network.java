package io.cairn.bench.pods;

import java.nio.file.Path;

/** The pod network both runtimes get, each on a bridge of its own. */
final class Network {
    private Network() {}

    /** @param subnet 0 to 255, of 198.18.0.0/16, which is for measurements (RFC 2544) */
    static String conflist(String name, String bridge, Path addresses, int subnet) {
        return """
                {"cniVersion": "1.0.0", "name": "%s", "plugins": [
                  {"type": "bridge", "bridge": "%s", "isGateway": true, "ipMasq": true, "hairpinMode": true,
                   "ipam": {"type": "host-local", "dataDir": "%s",
                            "ranges": [[{"subnet": "198.18.%d.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
                  {"type": "portmap", "capabilities": {"portMappings": true}, "snat": true}]}
                """.formatted(name, bridge, addresses, subnet);
    }
}
