package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.io.Task;
import java.io.IOException;

/** What the streams of a process ask of its shim. @param execId empty for a container's main process */
record ShimTask(Tasks tasks, String containerId, String execId) implements Task {
    @Override
    public void closeStdin() throws IOException {
        try {
            tasks.closeStdin(containerId, execId);
        } catch (DriverException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void resize(int columns, int rows) throws IOException {
        try {
            tasks.resize(containerId, execId, columns, rows);
        } catch (DriverException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
