package io.cairn.images;

import java.io.IOException;

/** The layer itself is at fault: malformed, unsafe or beyond a limit. Pulling it again brings the same. */
public final class BadLayerException extends IOException {
    private static final long serialVersionUID = 1L;

    public BadLayerException(String message) {
        super(message);
    }
}
