package io.cairn.core.driver;

import io.vavr.control.Option;
import java.nio.file.Path;

/** @param networkNamespace where the pod's network is to be attached; none for a pod in the host's network */
public record SandboxGround(Option<Path> networkNamespace) {}
