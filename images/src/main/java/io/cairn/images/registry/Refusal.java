package io.cairn.images.registry;

import io.cairn.images.registry.RegistryFailure.Attempt;
import io.cairn.images.registry.RegistryFailure.Kind;
import java.io.IOException;
import java.net.URI;

/**
 * One request that did not bring what was asked for.
 *
 * @param again whether the same host may answer better in a moment
 */
record Refusal(Kind kind, Attempt attempt, boolean again) {
    static Refusal of(Kind kind, String method, URI uri, String outcome, boolean again) {
        return new Refusal(kind, new Attempt(String.valueOf(uri.getAuthority()), method + " " + bare(uri), outcome), again);
    }

    static Refusal broken(String method, URI uri, IOException cause) {
        return of(Kind.UNAVAILABLE, method, uri, Transport.describe(cause), true);
    }

    /** Without user info and query: signed URLs carry secrets there. */
    private static String bare(URI uri) {
        return Shown.text(uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
                + String.valueOf(uri.getRawPath()), 400);
    }
}
