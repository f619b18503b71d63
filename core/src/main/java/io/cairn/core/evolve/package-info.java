/** {@code evolve(state, event)}: what an event makes of the state. Pure, total, and the only way a state comes to be. */
package io.cairn.core.evolve;
