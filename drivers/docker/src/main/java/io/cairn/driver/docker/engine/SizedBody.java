package io.cairn.driver.docker.engine;

import java.io.InputStream;

/** A body whose length was told before: it has one part. */
final class SizedBody extends Body {
    private long untold;

    SizedBody(Wire wire, InputStream input, long length) {
        super(wire, input);
        this.untold = length;
    }

    @Override
    long nextPart() {
        long length = untold;
        untold = 0;
        return length;
    }
}
