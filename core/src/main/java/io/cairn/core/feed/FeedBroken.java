package io.cairn.core.feed;

/** A follower cannot go on: the journal cannot be read, or events were retired before it came to them. */
public final class FeedBroken extends Exception {
    private static final long serialVersionUID = 1L;

    FeedBroken(Exception cause) {
        super(cause.getMessage(), cause);
    }
}
