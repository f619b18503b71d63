package io.cairn.oci;

/**
 * Something the node could not give as asked, given smaller instead of failing the container.
 *
 * @param subject what it is about, for example {@code process.oomScoreAdj}: stable, for machines
 * @param asked the value in the request
 * @param given the value in the spec; "nothing" when it was left out
 * @param why the reason and, where there is one, the remedy: for people
 */
public record Clamp(String subject, String asked, String given, String why) {}
