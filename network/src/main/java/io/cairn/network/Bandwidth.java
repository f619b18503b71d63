package io.cairn.network;

import io.vavr.collection.Map;
import io.vavr.control.Either;
import io.vavr.control.Option;

/** Traffic limits as the CNI conventions have them; seen from the pod, ingress is what it receives. */
public record Bandwidth(Option<Limit> ingress, Option<Limit> egress) {
    public static final String INGRESS_ANNOTATION = "kubernetes.io/ingress-bandwidth";
    public static final String EGRESS_ANNOTATION = "kubernetes.io/egress-bandwidth";

    /** The annotations know no burst. This is what other runtimes pass: no limit that matters below 4 Gbit. */
    private static final long BURST_BITS_DEFAULT = 0xffff_ffffL;
    /** Kubernetes accepts 1k to 1P (pkg/util/bandwidth). */
    private static final long RATE_MIN = 1_000L;
    private static final long RATE_MAX = 1_000_000_000_000_000L;

    /** @param rateBitsPerSecond 1e3 to 1e15 */
    public record Limit(long rateBitsPerSecond, long burstBits) {}

    /** Reads the two annotations; none where a pod has neither, a reason where one cannot be read. */
    public static Either<String, Option<Bandwidth>> fromAnnotations(Map<String, String> annotations) {
        var ingress = limit(annotations, INGRESS_ANNOTATION);
        var egress = limit(annotations, EGRESS_ANNOTATION);
        return ingress.flatMap(in -> egress.map(out ->
                in.isEmpty() && out.isEmpty() ? Option.none() : Option.some(new Bandwidth(in, out))));
    }

    private static Either<String, Option<Limit>> limit(Map<String, String> annotations, String key) {
        Option<String> text = annotations.get(key);
        if (text.isEmpty()) {
            return Either.right(Option.none());
        }
        return Quantity.parse(text.get())
                .filterOrElse(rate -> rate >= RATE_MIN && rate <= RATE_MAX,
                        rate -> "expected 1k to 1P bits per second, but got " + Text.quote(text.get()))
                .map(rate -> Option.some(new Limit(rate, BURST_BITS_DEFAULT)))
                .mapLeft(reason -> "annotation %s: %s".formatted(key, reason));
    }
}
