package io.cairn.core.driver;

import com.google.protobuf.ByteString;

/** Output of each stream is bounded by {@link #OUTPUT_BYTES_MAX}; what exceeds it is dropped, as a gRPC reply could not carry it. */
public record ExecResult(int exitCode, ByteString stdout, ByteString stderr) {
    /** The kubelet accepts replies of 16 MiB; both streams share one. */
    public static final int OUTPUT_BYTES_MAX = 7 * 1024 * 1024;
}
