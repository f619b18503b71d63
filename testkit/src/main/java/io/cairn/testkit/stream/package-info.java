/** Clients of exec, attach and port-forward, as kubectl and crictl speak: SPDY/3.1, alone or in WebSocket messages, and WebSocket channels. */
package io.cairn.testkit.stream;
