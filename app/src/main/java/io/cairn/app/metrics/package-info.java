/** The daemon's numbers in the form Prometheus reads. */
package io.cairn.app.metrics;
