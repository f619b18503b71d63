package io.cairn.driver.runc;

import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.Layout;
import java.io.IOException;
import java.nio.file.Path;

/** Where this driver keeps what; see the package's description. */
record RuncLayout(Path state, Path run, Path runtimeRoot) implements Layout {
    Path images() {
        return state.resolve("images");
    }

    Path exits() {
        return state.resolve("exits");
    }

    @Override
    public RuncFiles container(String id) {
        return new RuncFiles(id, containers().resolve(id), containerRuns().resolve(id), exits().resolve(id));
    }

    @Override
    public void makeDirectories() throws IOException {
        Layout.super.makeDirectories();
        FileTrees.directory(exits());
        FileTrees.directory(runtimeRoot);
    }
}
