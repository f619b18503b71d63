package io.cairn.driver.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.command.CreateContainerCmd;
import io.vavr.collection.Map;
import java.util.function.UnaryOperator;

/**
 * What the engine is to make.
 *
 * @param name at most one container of the engine has it
 * @param image id or name
 * @param shape everything that docker-java has a word for
 * @param hostConfig members of HostConfig for which it has none, such as {@code MaskedPaths}; they win over those of {@code shape}
 */
public record NewContainer(String name, String image, UnaryOperator<CreateContainerCmd> shape, Map<String, JsonNode> hostConfig) {}
