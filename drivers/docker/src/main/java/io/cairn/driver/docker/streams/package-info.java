/**
 * How clients are connected to processes, and where the output of a container is found.
 *
 * <p>The engine carries the bytes: a connection to it, given up to them by one request
 * ({@link io.cairn.driver.docker.engine.EngineStream}), is the process' input in one direction and its outputs, in frames, in the other. See docs/decisions/0172 and 0177.
 */
package io.cairn.driver.docker.streams;
