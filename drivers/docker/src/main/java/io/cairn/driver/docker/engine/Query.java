package io.cairn.driver.docker.engine;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Parts of paths and queries. */
final class Query {
    private Query() {}

    static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
