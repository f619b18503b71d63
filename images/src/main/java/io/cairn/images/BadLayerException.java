package io.cairn.images;

import java.io.IOException;

/** The layer itself is at fault: malformed, unsafe or beyond a limit. Pulling it again brings the same. */
final class BadLayerException extends IOException {
    private static final long serialVersionUID = 1L;

    BadLayerException(String message) {
        super(message);
    }
}
