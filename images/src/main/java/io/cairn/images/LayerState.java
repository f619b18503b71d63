package io.cairn.images;

/** What there is of a layer on disk. */
sealed interface LayerState {
    record Ready(LayerInfo info) implements LayerState {}

    record Missing() implements LayerState {}

    record Damaged(String why) implements LayerState {}
}
