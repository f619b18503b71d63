package io.cairn.driver.docker.engine;

import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.AuthConfigurations;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.core.SSLConfig;
import java.net.URI;

/** What docker-java wants to know; its own default reads the environment and files of root's home. */
record ClientConfig() implements DockerClientConfig {
    /** The transport has its own. */
    @Override
    public URI getDockerHost() {
        return URI.create("unix://localhost");
    }

    /** The transport puts it before each path. */
    @Override
    public RemoteApiVersion getApiVersion() {
        return RemoteApiVersion.UNKNOWN_VERSION;
    }

    @Override
    public String getRegistryUsername() {
        return "";
    }

    @Override
    public String getRegistryPassword() {
        return "";
    }

    @Override
    public String getRegistryEmail() {
        return "";
    }

    @Override
    public String getRegistryUrl() {
        return "";
    }

    /** The engine never pulls for us. */
    @Override
    public AuthConfig effectiveAuthConfig(String imageName) {
        return new AuthConfig();
    }

    @Override
    public AuthConfigurations getAuthConfigurations() {
        return new AuthConfigurations();
    }

    /** As docker-java has it where there is no TLS. */
    @Override
    public SSLConfig getSSLConfig() {
        return null;
    }
}
