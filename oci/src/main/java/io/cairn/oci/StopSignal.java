package io.cairn.oci;

import static io.vavr.collection.Map.entry;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Signal;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.util.Locale;

/**
 * What StopContainer sends first: the CRI's stop_signal, else the image's StopSignal, else SIGTERM.
 *
 * @param number as the kernel counts on x86 and ARM (signal(7)): 1 to 31, and 34 to 64 for the real-time ones
 */
public record StopSignal(int number) {
    public static final StopSignal TERM = new StopSignal(15);

    private static final int RTMIN = 34;
    private static final int RTMAX = 64;

    private static final Map<String, Integer> NUMBERS = LinkedHashMap.ofEntries(
            entry("HUP", 1), entry("INT", 2), entry("QUIT", 3), entry("ILL", 4), entry("TRAP", 5), entry("ABRT", 6), entry("IOT", 6),
            entry("BUS", 7), entry("FPE", 8), entry("KILL", 9), entry("USR1", 10), entry("SEGV", 11), entry("USR2", 12),
            entry("PIPE", 13), entry("ALRM", 14), entry("TERM", 15), entry("STKFLT", 16), entry("CHLD", 17), entry("CLD", 17),
            entry("CONT", 18), entry("STOP", 19), entry("TSTP", 20), entry("TTIN", 21), entry("TTOU", 22), entry("URG", 23),
            entry("XCPU", 24), entry("XFSZ", 25), entry("VTALRM", 26), entry("PROF", 27), entry("WINCH", 28), entry("IO", 29),
            entry("POLL", 29), entry("PWR", 30), entry("SYS", 31));

    public StopSignal {
        if (number < 1 || number > RTMAX || number > 31 && number < RTMIN) {
            throw new IllegalArgumentException("Expected a signal from 1 to 31 or 34 to 64, but it is " + number);
        }
    }

    /** Never fails: an image whose signal cannot be read must still be stoppable, and then is with SIGTERM. */
    public static StopSignal of(ContainerConfig config, ImageConfig image) {
        return ofCri(config.getStopSignal()).orElse(() -> image.stopSignal().flatMap(StopSignal::parse)).getOrElse(TERM);
    }

    /** SIGQUIT, quit, 3, SIGRTMIN+3, RTMAX-1; none when it is no signal. */
    public static Option<StopSignal> parse(String text) {
        String upper = text.strip().toUpperCase(Locale.ROOT);
        String name = upper.startsWith("SIG") ? upper.substring(3) : upper;
        return number(upper)
                .filter(n -> n >= 1 && (n <= 31 || n >= RTMIN && n <= RTMAX))
                .orElse(() -> NUMBERS.get(name))
                .orElse(() -> realTime(name, "RTMIN", "+", RTMIN, 1))
                .orElse(() -> realTime(name, "RTMAX", "-", RTMAX, -1))
                .map(StopSignal::new);
    }

    /** None for RUNTIME_DEFAULT, which asks for nothing, and for a value this API does not have. */
    public static Option<StopSignal> ofCri(Signal signal) {
        return switch (signal) {
            case RUNTIME_DEFAULT, UNRECOGNIZED -> Option.none();
            case SIGRTMIN -> parse("RTMIN");
            case SIGRTMAX -> parse("RTMAX");
            default -> parse(signal.name().replace("PLUS", "+").replace("MINUS", "-"));
        };
    }

    /** The CRI's name for it, as ContainerStatus tells it. */
    public Signal toCri() {
        if (number >= RTMIN) {
            // The CRI counts the real-time signals without a gap.
            return Signal.forNumber(Signal.SIGRTMIN_VALUE + number - RTMIN);
        }
        return Signal.valueOf("SIG" + NUMBERS.find(e -> e._2() == number).get()._1());
    }

    private static Option<Integer> number(String text) {
        return Option.when(text.matches("[0-9]{1,3}"), text).map(Integer::parseInt);
    }

    /** RTMIN+n and RTMAX-n, as far as they stay between the two. */
    private static Option<Integer> realTime(String name, String base, String sign, int start, int step) {
        if (!name.startsWith(base)) {
            return Option.none();
        }
        String rest = name.substring(base.length());
        Option<Integer> offset = rest.isEmpty()
                ? Option.some(0)
                : Option.when(rest.startsWith(sign), rest).flatMap(r -> number(r.substring(1)));
        return offset.filter(n -> n <= RTMAX - RTMIN).map(n -> start + step * n);
    }
}
