package io.cairn.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.images.registry.Credentials.Anonymous;
import io.cairn.images.registry.Credentials.Basic;
import io.cairn.images.registry.Credentials.IdentityToken;
import io.cairn.images.registry.Credentials.RegistryToken;
import io.vavr.control.Either;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class CredentialsTest {
    @Test
    void theFieldsOfAuthConfigAreReadInTheirOrder() {
        assertThat(parse("", "", "", "", "", "").get().login()).isEqualTo(new Anonymous());
        assertThat(parse("u", "p", base64("x:y"), "", "i", "r").get().login()).isEqualTo(new Basic("u", "p"));
        assertThat(parse("", "", base64("x:y"), "", "i", "r").get().login()).isEqualTo(new IdentityToken("i"));
        assertThat(parse("", "", base64("x:y:z"), "", "", "r").get().login()).isEqualTo(new Basic("x", "y:z"));
        assertThat(parse("", "", base64("x:y\0\0"), "", "", "").get().login()).isEqualTo(new Basic("x", "y"));
        assertThat(parse("", "", "", "", "", "r").get().login()).isEqualTo(new RegistryToken("r"));
    }

    @Test
    void aBrokenAuthIsToldWithoutItsContent() {
        for (String auth : new String[] {"geheim!", base64("geheim"), base64(":geheim")}) {
            assertThat(parse("", "", auth, "", "", "").getLeft()).contains("auth").doesNotContain("geheim").doesNotContain(auth);
        }
    }

    @Test
    void aServerAddressLimitsWhoSeesTheLogin() {
        Credentials hub = parse("u", "p", "", "https://index.docker.io/v1/", "", "").get();
        assertThat(hub.loginFor("docker.io")).isEqualTo(new Basic("u", "p"));
        assertThat(hub.loginFor("mirror.example")).isEqualTo(new Anonymous());
        assertThat(parse("u", "p", "", "r.io:5000", "", "").get().loginFor("r.io:5000")).isEqualTo(new Basic("u", "p"));
        assertThat(Credentials.basic("u", "p").loginFor("anywhere")).isEqualTo(new Basic("u", "p"));
    }

    @Test
    void nothingOfALoginIsInAnyText() {
        var all = List.of(Credentials.basic("benutzer", "geheim"), parse("", "", "", "", "geheim", "").get(),
                parse("", "", "", "", "", "geheim").get());
        for (Credentials credentials : all) {
            String text = credentials.toString() + credentials.login() + Either.right(credentials);
            assertThat(text).doesNotContain("geheim").doesNotContain("benutzer");
        }
    }

    private static Either<String, Credentials> parse(String username, String password, String auth, String server, String identity,
            String token) {
        return Credentials.fromAuthConfig(username, password, auth, server, identity, token);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes());
    }
}
