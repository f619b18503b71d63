/**
 * The one writer. {@link io.cairn.core.engine.Engine} takes commands from any thread, decides and appends on its own, syncs
 * once for all that waited, then applies and answers. Reads take {@link io.cairn.core.engine.Engine#state()} and need no lock.
 */
package io.cairn.core.engine;
