package io.cairn.driver.containerd.io;

/** The FIFOs of a process as containerd is told them; empty where there is none. */
public record StdioPaths(String stdin, String stdout, String stderr) {}
