package io.cairn.images.registry;

import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a registry asks to be let in. Held in memory for one pull only; {@link #toString} of every form tells nothing.
 *
 * @param onlyRegistry when set, the one registry host that may see the login; every other is asked anonymously
 */
public record Credentials(Login login, Option<String> onlyRegistry) {
    private static final String LEGACY_HUB = "index.docker.io";

    /** The ways to log in that a kubelet's AuthConfig knows. */
    public sealed interface Login {}

    public record Anonymous() implements Login {}

    public record Basic(String username, String password) implements Login {
        String header() {
            return "Basic " + Base64.getEncoder().encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String toString() {
            return "Basic[hidden]";
        }
    }

    /** An OAuth2 refresh token, to be exchanged for an access token where the registry's challenge points to. */
    public record IdentityToken(String token) implements Login {
        @Override
        public String toString() {
            return "IdentityToken[hidden]";
        }
    }

    /** A bearer token to send to the registry as it is. */
    public record RegistryToken(String token) implements Login {
        @Override
        public String toString() {
            return "RegistryToken[hidden]";
        }
    }

    public static Credentials anonymous() {
        return new Credentials(new Anonymous(), Option.none());
    }

    public static Credentials basic(String username, String password) {
        return new Credentials(new Basic(username, password), Option.none());
    }

    /**
     * The fields of CRI's AuthConfig; an empty text is an absent field. The first that is set counts, in the order
     * username, identity token, auth, registry token, as containerd reads them.
     *
     * @param auth {@code username:password} in base64
     * @param serverAddress a host, or a URL from which the host is taken
     * @return the credentials, or what is wrong with them, without their content
     */
    public static Either<String, Credentials> fromAuthConfig(
            String username, String password, String auth, String serverAddress, String identityToken, String registryToken) {
        Option<String> only = serverAddress.isEmpty() ? Option.none() : Option.of(hostOf(serverAddress));
        if (!username.isEmpty()) {
            return Either.right(new Credentials(new Basic(username, password), only));
        }
        if (!identityToken.isEmpty()) {
            return Either.right(new Credentials(new IdentityToken(identityToken), only));
        }
        if (!auth.isEmpty()) {
            return decode(auth).map(basic -> new Credentials(basic, only));
        }
        Login login = registryToken.isEmpty() ? new Anonymous() : new RegistryToken(registryToken);
        return Either.right(new Credentials(login, only));
    }

    private static Either<String, Login> decode(String auth) {
        try {
            // Some writers pad the decoded text with NULs.
            String text = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8).replace("\0", "");
            int colon = text.indexOf(':');
            if (colon > 0) {
                return Either.right(new Basic(text.substring(0, colon), text.substring(colon + 1)));
            }
            return Either.left("Expected the registry credential 'auth' to be base64 of username:password, but it has no colon");
        } catch (IllegalArgumentException e) {
            return Either.left("Expected the registry credential 'auth' to be base64 of username:password, but it is not base64");
        }
    }

    /** {@code https://index.docker.io/v1/} is what Docker's own configuration calls Docker Hub. */
    private static String hostOf(String serverAddress) {
        String host = serverAddress.replaceFirst("^[a-zA-Z]+://", "").replaceFirst("/.*$", "");
        return host.equals(LEGACY_HUB) ? ImageReference.DOCKER_HUB : host;
    }

    /** What may be shown to one registry. */
    Login loginFor(String registry) {
        return onlyRegistry.forAll(only -> only.equals(registry)) ? login : new Anonymous();
    }

    @Override
    public String toString() {
        return "Credentials[hidden]";
    }
}
