/**
 * What Cairn knows: one immutable {@link io.cairn.core.domain.State} of sandboxes, containers, images and of what is under way.
 *
 * <p>Pure values. Only java.*, vavr and the generated messages are used here, in {@code decide} and in {@code evolve}.
 */
package io.cairn.core.domain;
