package io.cairn.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.images.registry.Credentials.Anonymous;
import io.cairn.images.registry.Credentials.Basic;
import io.cairn.images.registry.Credentials.IdentityToken;
import io.cairn.images.registry.Credentials.Login;
import io.cairn.images.registry.Credentials.RegistryToken;
import io.cairn.images.registry.RegistryFailure.Kind;
import io.cairn.images.registry.Transport.Answer;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;

/**
 * Finds the Authorization header for one host: nothing until it is challenged, then basic, or a token from where the
 * challenge points to (Docker Registry v2 token authentication, and its OAuth2 form for identity tokens). Thread-safe.
 *
 * <p>Whoever speaks for the registry may name the token server, as the protocol has it; but a login given to a host with
 * TLS is not sent to a token server without.
 */
final class Authorizer {
    private static final String CLIENT_ID = "cairn";

    private final Endpoint endpoint;
    private final Transport transport;
    private final Login login;
    private final String repository;
    private Option<String> header;

    Authorizer(Endpoint endpoint, Transport transport, Login login, String repository) {
        this.endpoint = endpoint;
        this.transport = transport;
        this.login = login;
        this.repository = repository;
        this.header = login instanceof RegistryToken(String token) ? Option.of("Bearer " + token) : Option.none();
    }

    synchronized Option<String> current() {
        return header;
    }

    /**
     * The header to try after a 401.
     *
     * @param used what the refused request carried: if another thread has found something newer meanwhile, that is it
     * @param refused is handed back when nothing offered can be answered
     */
    synchronized Either<Refusal, String> answer(Vector<Challenge> challenges, Option<String> used, Refusal refused)
            throws InterruptedException {
        if (header.isDefined() && !header.equals(used)) {
            return Either.right(header.get());
        }
        Option<Challenge> bearer = challenges.find(c -> c.scheme().equals("bearer") && !c.parameter("realm").isEmpty());
        boolean basic = challenges.exists(c -> c.scheme().equals("basic"));
        Either<Refusal, String> found = switch (login) {
            case RegistryToken token -> Either.left(refused);
            case Basic given when bearer.isEmpty() && basic && used.isEmpty() -> Either.right(given.header());
            case Basic given -> bearer.isDefined() ? token(bearer.get()) : Either.left(refused);
            case IdentityToken given -> bearer.isDefined() ? token(bearer.get()) : Either.left(refused);
            case Anonymous none -> bearer.isDefined() ? token(bearer.get()) : Either.left(refused);
        };
        header = found.toOption();
        return found;
    }

    private Either<Refusal, String> token(Challenge challenge) throws InterruptedException {
        URI realm;
        try {
            realm = URI.create(challenge.parameter("realm"));
        } catch (IllegalArgumentException e) {
            return Either.left(misled("a realm that is no URL"));
        }
        boolean http = "http".equals(realm.getScheme());
        if (realm.getHost() == null || realm.getUserInfo() != null || !(http || "https".equals(realm.getScheme()))) {
            return Either.left(misled("a realm that is no http or https URL"));
        }
        if (http && endpoint.base().getScheme().equals("https") && !(login instanceof Anonymous)) {
            return Either.left(misled("a realm without TLS, to which the login is not sent"));
        }
        try {
            return fetch(realm, challenge);
        } catch (IOException e) {
            return Either.left(Refusal.broken("GET", realm, e));
        }
    }

    private Refusal misled(String by) {
        return Refusal.of(Kind.UNAUTHORIZED, "GET", endpoint.base(), "status 401, and its challenge names " + by, false);
    }

    private Either<Refusal, String> fetch(URI realm, Challenge challenge) throws IOException, InterruptedException {
        String scope = challenge.parameter("scope").isEmpty() ? "repository:" + repository + ":pull" : challenge.parameter("scope");
        String query = "scope=" + encoded(scope)
                + (challenge.parameter("service").isEmpty() ? "" : "&service=" + encoded(challenge.parameter("service")));
        HttpRequest.Builder request = switch (login) {
            case IdentityToken(String refresh) -> HttpRequest.newBuilder(realm)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(query + "&client_id=" + CLIENT_ID
                            + "&grant_type=refresh_token&refresh_token=" + encoded(refresh)));
            case Basic basic -> HttpRequest.newBuilder(withQuery(realm, query)).GET().header("Authorization", basic.header());
            case Anonymous none -> HttpRequest.newBuilder(withQuery(realm, query)).GET();
            case RegistryToken token -> HttpRequest.newBuilder(withQuery(realm, query)).GET();
        };
        if (HostClient.sameOrigin(realm, endpoint.base())) {
            endpoint.headers().filterKeys(name -> !name.equalsIgnoreCase("Authorization"))
                    .forEach((name, values) -> values.forEach(value -> request.header(name, value)));
        }
        String method = login instanceof IdentityToken ? "POST" : "GET";
        try (Answer answer = transport.send(request)) {
            if (answer.status() != 200) {
                Kind kind = answer.status() >= 500 || answer.status() == 429 ? Kind.UNAVAILABLE : Kind.UNAUTHORIZED;
                return Either.left(Refusal.of(kind, method, realm, "status " + answer.status() + " from the token server",
                        kind == Kind.UNAVAILABLE));
            }
            String token = tokenIn(answer.body().readNBytes(RegistryLimits.MAX_TOKEN_BYTES));
            if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c >= 127)) {
                return Either.left(Refusal.of(Kind.INVALID_CONTENT, method, realm, "the token server's answer has no usable token", false));
            }
            return Either.right("Bearer " + token);
        }
    }

    /** Both names are in use and mean the same; empty when there is none. A parser's message could quote a token: it is dropped. */
    private static String tokenIn(byte[] reply) {
        try {
            JsonNode json = Json.read(reply);
            return json.path("token").asText(json.path("access_token").asText(""));
        } catch (IOException e) {
            return "";
        }
    }

    private static URI withQuery(URI realm, String query) {
        String text = realm.toString();
        return URI.create(text + (text.contains("?") ? "&" : "?") + query);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
