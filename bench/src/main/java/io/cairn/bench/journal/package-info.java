/** What the journal costs: a durable record beside the disk's own price, many callers at once, replay, and opening. */
package io.cairn.bench.journal;
