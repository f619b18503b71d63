package io.cairn.images.registry;

import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxies of HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not, as curl and Go programs read them, so that a
 * service unit written for another runtime goes on working. A proxy that wants a login is not supported, nor are address
 * ranges in NO_PROXY. The loopback is never asked through a proxy.
 */
final class EnvironmentProxies extends ProxySelector {
    private static final Logger LOG = LoggerFactory.getLogger(EnvironmentProxies.class);
    private static final int DEFAULT_PORT = 80;

    private final Option<InetSocketAddress> forHttps;
    private final Option<InetSocketAddress> forHttp;
    private final Vector<String> exceptions;

    EnvironmentProxies(Map<String, String> environment) {
        this.forHttps = proxy(variable(environment, "HTTPS_PROXY"));
        this.forHttp = proxy(variable(environment, "HTTP_PROXY"));
        this.exceptions = Vector.of(variable(environment, "NO_PROXY").split(","))
                .map(text -> text.strip().toLowerCase(Locale.ROOT))
                .reject(String::isEmpty);
    }

    private static String variable(Map<String, String> environment, String name) {
        return environment.get(name).orElse(() -> environment.get(name.toLowerCase(Locale.ROOT))).getOrElse("").strip();
    }

    private static Option<InetSocketAddress> proxy(String text) {
        if (text.isEmpty()) {
            return Option.none();
        }
        try {
            URI uri = URI.create(text.contains("://") ? text : "http://" + text);
            if ("http".equals(uri.getScheme()) && uri.getHost() != null && uri.getUserInfo() == null) {
                return Option.of(InetSocketAddress.createUnresolved(uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort()));
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("A proxy variable is no URL", e);
        }
        // Not shown: it may hold a password.
        LOG.warn("A proxy of the environment is not used: expected http://host:port without a login");
        return Option.none();
    }

    @Override
    public List<Proxy> select(URI uri) {
        Option<InetSocketAddress> proxy = uri.getScheme().equals("https") ? forHttps : forHttp;
        boolean direct = uri.getHost() == null || Hosts.isLoopback(uri.getHost()) || exceptions.exists(pattern -> covers(pattern, uri));
        return List.of(direct ? Proxy.NO_PROXY : proxy.map(address -> new Proxy(Proxy.Type.HTTP, address)).getOrElse(Proxy.NO_PROXY));
    }

    /** {@code example.com} and {@code .example.com} cover the hosts below, the former itself as well. */
    private static boolean covers(String pattern, URI uri) {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        String name = pattern.replaceFirst(":\\d+$", "").replaceFirst("^\\*", "");
        boolean port = name.equals(pattern) || pattern.endsWith(":" + uri.getPort()) || pattern.startsWith("*");
        return pattern.equals("*") || (port && (host.equals(name) || host.endsWith(name.startsWith(".") ? name : "." + name)));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        LOG.debug("The proxy {} could not be reached", address, failure);
    }
}
