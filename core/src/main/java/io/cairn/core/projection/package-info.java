/**
 * The state as rows in RocksDB, so that a start need not replay everything, and an index from each pod, container and image to
 * its events. Derived from the journal alone: may be deleted at any time, and is rebuilt when anything about it is in doubt.
 */
package io.cairn.core.projection;
