package io.cairn.network;

import io.vavr.collection.List;
import io.vavr.control.Option;

/**
 * How a pod is connected, as its network's last plugin reported it (CNI spec, section 5 "ADD Success"). Addresses keep the
 * plugin's spelling and have been checked to be literals.
 *
 * @param ips all addresses of the result, in its order; {@link #podIps()} are those of the pod itself
 * @param rawResult the result as JSON, of the CNI version the network was run with
 */
public record Attachment(
        String network, List<Ip> ips, List<Interface> interfaces, List<Route> routes, DnsConfig dns, String rawResult) {

    /** @param interfaceIndex into {@link Attachment#interfaces()} */
    public record Ip(String address, int prefixLength, Option<String> gateway, Option<Integer> interfaceIndex) {}

    /** @param sandbox the network namespace it is in; none for an interface of the node */
    public record Interface(String name, Option<String> mac, Option<String> sandbox) {}

    /** @param destination in CIDR notation */
    public record Route(String destination, Option<String> gateway) {}

    /** The addresses that belong to the pod: a result may also name those that a plugin put on the node. */
    public List<Ip> podIps() {
        return ips.filter(ip -> ip.interfaceIndex().forAll(i -> interfaces.get(i).sandbox().isDefined()));
    }
}
