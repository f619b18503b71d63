/** Puts the parts together, in the order in which a start must happen, and takes them apart in the reverse one. */
package io.cairn.core.daemon;
