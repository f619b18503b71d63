package io.cairn.core.driver;

/** What a registry wants to know, for one pull. Never journaled, never logged: its text form shows nothing. Empty strings where not given. */
public record Credentials(String username, String password, String auth, String serverAddress, String identityToken, String registryToken) {
    public static final Credentials NONE = new Credentials("", "", "", "", "", "");

    @Override
    public String toString() {
        return "Credentials[…]";
    }
}
