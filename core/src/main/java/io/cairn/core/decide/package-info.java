/**
 * May this be done now? {@link io.cairn.core.decide.Decider#decide} answers from the state alone with a
 * {@link io.cairn.core.decide.Rejection} or with the events to append. Pure: ids, time and caller come in with the command.
 */
package io.cairn.core.decide;
