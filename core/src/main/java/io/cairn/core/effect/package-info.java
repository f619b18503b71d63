/**
 * Intent, effect, outcome. Each operation takes a command through the engine, carries the intent out on the driver and the
 * network, and records what came of it. Recovery uses the same operations for what a crash left half done.
 *
 * <p>Locks are taken in one order only: sandbox, then container.
 */
package io.cairn.core.effect;
