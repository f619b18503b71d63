/**
 * What pods and containers use. {@link io.cairn.core.stats.Meter} reads it when it is asked for; only what is dear to measure is
 * measured in the background.
 */
package io.cairn.core.stats;
