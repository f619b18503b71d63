/**
 * A world without processes, for tests: containers, namespaces, addresses and images as values that outlive the runtime above
 * them, every step of every effect numbered, so that a test can stop the runtime dead at any of them.
 */
package io.cairn.core.sim;
