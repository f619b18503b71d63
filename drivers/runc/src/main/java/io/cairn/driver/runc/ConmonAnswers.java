package io.cairn.driver.runc;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.linux.Descriptor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What a conmon says on its pipe, line by line; an empty object when it says no more. */
record ConmonAnswers(Descriptor pipe) {
    private static final int LINE_BYTES_MAX = 1 << 17;

    /** Waits so long for it. */
    JsonNode next(Duration patience) throws IOException {
        pipe.giveUpAfter(patience.toMillis());
        try {
            return next();
        } finally {
            pipe.giveUpAfter(Long.MAX_VALUE);
        }
    }

    /** Waits for it as long as it takes. */
    JsonNode next() throws IOException {
        var line = new ByteArrayOutputStream();
        byte[] one = new byte[1];
        while (line.size() < LINE_BYTES_MAX && pipe.read(one, 0, 1) > 0 && one[0] != '\n') {
            line.write(one[0]);
        }
        return Conmon.Said.parsed(line.toString(StandardCharsets.UTF_8));
    }
}
