package io.cairn.core.driver;

import io.cairn.proto.cri.ContainerUser;
import io.vavr.collection.Vector;

/**
 * @param user whom the program will run as, resolved in the image
 * @param clamps what the host does not allow and was given otherwise than asked, in words
 */
public record CreatedContainer(ContainerUser user, Vector<String> clamps) {}
