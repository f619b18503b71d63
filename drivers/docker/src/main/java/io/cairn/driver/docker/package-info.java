/**
 * The driver {@code docker}: pods and containers by a Docker Engine that is on the node already, by its HTTP API on a unix socket. Each
 * verb is a class of its own; {@link io.cairn.driver.docker.engine.Engine} is all that speaks to the engine.
 *
 * <pre>
 *   Pods              a container that waits and holds namespaces; PodWatch sees when they are lost
 *   ContainerCreate   request ─▶ OCI spec, as on other drivers ─▶ ContainerRequest, what has no word is refused (Refusals) ─▶ the engine
 *   ContainerStart    tried, noted; the engine says whether it has run (ContainerProbing)
 *   EngineWatch       the process is gone ─▶ Endings ask the engine how ─▶ Exits write it down
 * </pre>
 *
 * <p>What must be known after a crash or while the engine is away is in files, beside those of {@link io.cairn.driver.host}:
 *
 * <pre>
 * state/containers/ID/attempt.json   when its start was tried
 *                     ended.json     what the engine said of its end
 * state/engine.json                  the engine's cgroup driver
 * run/sandboxes/ID/pause.json        the process that holds the pod's namespaces, and its cgroup
 * </pre>
 */
package io.cairn.driver.docker;
