/** The {@code cairn} program: its command line, its logs. Starts with {@link io.cairn.app.Cairn}. */
package io.cairn.app;
