/** Events in words: for the daemon's log and for {@code cairn log}. */
package io.cairn.core.text;
