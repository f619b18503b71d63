/**
 * From whatever a crash left to exactly the truth: the projection is brought up to the journal, every intent without an outcome
 * is settled, and what the drivers really hold is compared with what the journal says. Can itself crash anywhere and start again.
 */
package io.cairn.core.recovery;
