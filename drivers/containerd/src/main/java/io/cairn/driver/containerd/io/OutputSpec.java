package io.cairn.driver.containerd.io;

import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * What is to become of a container's output.
 *
 * @param directory for the FIFOs and what belongs to them; of this package alone, in the run directory, gone after a reboot
 * @param log in the CRI's form; none: the output is dropped
 * @param terminal there is one output, and no stderr
 * @param stdin clients may write to the container
 * @param stdinOnce the first client who leaves ends the container's input
 */
public record OutputSpec(String containerId, Path directory, Option<Path> log, boolean terminal, boolean stdin, boolean stdinOnce) {}
