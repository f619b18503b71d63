/** What is counted and timed for an operator's dashboards. Who shows it, and how, is not known here. */
package io.cairn.core.metrics;
