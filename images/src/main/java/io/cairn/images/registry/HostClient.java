package io.cairn.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.images.registry.Credentials.Login;
import io.cairn.images.registry.RegistryFailure.Kind;
import io.cairn.images.registry.Transport.Answer;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Set;

/**
 * Asks one host for one repository's content: logs in when it is challenged and follows redirects. The login, and what
 * hosts.toml adds as headers, go to this host alone, never along a redirect to another. Thread-safe.
 */
final class HostClient {
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final Endpoint endpoint;
    private final Transport transport;
    private final Authorizer authorizer;
    private final String repository;

    HostClient(Endpoint endpoint, Transport transport, Login login, String repository) {
        this.endpoint = endpoint;
        this.transport = transport;
        this.repository = repository;
        this.authorizer = new Authorizer(endpoint, transport, login, repository);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** @param path within the repository, with its leading slash */
    URI at(String path) {
        return endpoint.at("/" + repository + path);
    }

    /**
     * @param path within the repository, with its leading slash
     * @param verified whether the caller checks a digest it had before; only then may a redirect leave TLS
     * @return an answer with a status of 2xx, to be closed
     */
    Either<Refusal, Answer> request(String method, String path, Map<String, String> headers, boolean verified)
            throws InterruptedException {
        URI uri = at(path);
        try {
            Option<String> used = authorizer.current();
            Answer answer = follow(method, uri, headers, used, verified);
            if (answer.status() == 401 && sameOrigin(answer.uri(), endpoint.base())) {
                var challenges = Challenge.parse(answer.headers().allValues("WWW-Authenticate"));
                Refusal refused = refusal(method, answer);
                Either<Refusal, String> renewed = authorizer.answer(challenges, used, refused);
                if (renewed.isLeft()) {
                    return Either.left(renewed.getLeft());
                }
                answer = follow(method, uri, headers, Option.of(renewed.get()), verified);
            }
            return answer.status() / 100 == 2 ? Either.right(answer) : Either.left(refusal(method, answer));
        } catch (IOException e) {
            return Either.left(Refusal.broken(method, uri, e));
        }
    }

    private Answer follow(String method, URI first, Map<String, String> headers, Option<String> authorization, boolean verified)
            throws IOException, InterruptedException {
        URI uri = first;
        for (int hops = 0; hops <= RegistryLimits.MAX_REDIRECTS; hops++) {
            Answer answer = transport.send(prepared(method, uri, headers, authorization));
            if (!REDIRECTS.contains(answer.status())) {
                return answer;
            }
            answer.drain();
            answer.close();
            uri = target(uri, answer.header("Location"), verified);
        }
        throw new IOException("redirected more than " + RegistryLimits.MAX_REDIRECTS + " times");
    }

    private HttpRequest.Builder prepared(String method, URI uri, Map<String, String> headers, Option<String> authorization) {
        var request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
        headers.forEach((name, value) -> request.header(name, value));
        if (sameOrigin(uri, endpoint.base())) {
            addOwnHeaders(endpoint, request);
            authorization.forEach(value -> request.setHeader("Authorization", value));
        }
        return request;
    }

    static void addOwnHeaders(Endpoint endpoint, HttpRequest.Builder request) {
        endpoint.headers().forEach((name, values) -> values.forEach(value -> request.header(name, value)));
    }

    private static URI target(URI from, String location, boolean verified) throws IOException {
        URI target;
        try {
            target = from.resolve(URI.create(location));
        } catch (IllegalArgumentException e) {
            throw new IOException("redirected to what is no http or https URL", e);
        }
        boolean http = "http".equals(target.getScheme());
        if (location.isEmpty() || target.getHost() == null || !(http || "https".equals(target.getScheme()))) {
            throw new IOException("redirected to what is no http or https URL");
        }
        if (http && "https".equals(from.getScheme()) && !verified) {
            throw new IOException("redirected from https to plain http, where a tag cannot be trusted");
        }
        return target;
    }

    static boolean sameOrigin(URI one, URI other) {
        return one.getScheme().equals(other.getScheme()) && String.valueOf(one.getHost()).equalsIgnoreCase(other.getHost())
                && port(one) == port(other);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
    }

    /** Closes the answer. */
    private Refusal refusal(String method, Answer answer) throws IOException {
        try (answer) {
            int status = answer.status();
            Kind kind = switch (status) {
                case 401, 403 -> Kind.UNAUTHORIZED;
                case 404 -> Kind.NOT_FOUND;
                default -> Kind.UNAVAILABLE;
            };
            String said = sameOrigin(answer.uri(), endpoint.base()) ? saidBy(answer) : "";
            return Refusal.of(kind, method, answer.uri(), "status " + status + said, status == 429 || status >= 500);
        }
    }

    /** The error codes of distribution-spec, "Error Codes"; of any other body nothing is shown. */
    private static String saidBy(Answer answer) {
        try {
            JsonNode errors = Json.read(answer.body().readNBytes(RegistryLimits.MAX_ERROR_BYTES)).path("errors");
            Vector<String> texts = Vector.ofAll(errors).take(3)
                    .map(e -> Shown.text(e.path("code").asText(""), 64) + ": " + Shown.text(e.path("message").asText(""), 200));
            return texts.isEmpty() ? "" : " (" + texts.mkString("; ") + ")";
        } catch (IOException e) {
            return "";
        }
    }
}
