package io.cairn.driver.runc;

import io.cairn.driver.host.Boot;
import io.cairn.driver.host.Node;
import io.cairn.driver.host.RootFilesystems;
import io.cairn.linux.Poller;

/** What the parts of this driver share; all of it immutable or thread-safe. */
record Backend(
        RuncLayout layout, Boot boot, Runtimes runtimes, Conmon conmon, RootFilesystems roots, Exits exits, Node node, RuncCriu criu,
        Poller poller) {}
