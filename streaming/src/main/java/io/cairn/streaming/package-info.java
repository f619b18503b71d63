/**
 * Exec, attach and port-forward on the wire. This module knows bytes and sessions, nothing of pods and containers.
 *
 * <pre>
 *   client ── GET or POST /exec/TOKEN, Upgrade ──▶ HttpUpgrade    the token is spent, a protocol agreed on
 *                                                     │
 *                        SPDY/3.1 frames ◀────────────┼───────────▶ WebSocket messages
 *                               SpdyWire              │           ChannelWire
 *                                  └──── Lanes: one for each of stdin, stdout, stderr, error, resize ────┘
 *                                                     │
 *                        RemoteCommand, Forwarding    one virtual thread a direction: read, write, wait
 *                                                     │
 *                                      Session, PortDialer        implemented by the caller
 * </pre>
 *
 * <p>No data is ever dropped and no buffer is without a limit: who writes to a client waits until the connection takes more, and a
 * connection whose data nobody takes is not read from.
 */
package io.cairn.streaming;
