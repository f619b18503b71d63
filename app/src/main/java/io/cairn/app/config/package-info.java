/**
 * Configuration: {@link io.cairn.app.config.ConfigTable} names every key once; loading, validation, `cairn config default`
 * and `cairn config show` all follow from that table.
 */
package io.cairn.app.config;
