package io.cairn.driver.runc;

import io.cairn.oci.HostFacts;
import io.cairn.oci.HostDevices;

/** What the parts of this driver share; all of it immutable or thread-safe. */
record Backend(
        Layout layout, Boot boot, Runtimes runtimes, Conmon conmon, RootFilesystems roots, Exits exits, HostFacts host,
        HostDevices devices) {}
