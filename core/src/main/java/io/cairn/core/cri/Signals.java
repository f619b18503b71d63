package io.cairn.core.cri;

import io.cairn.proto.cri.Signal;

/** CRI names signals; signal(7) numbers them. The numbers are those of x86 and ARM, the platforms Cairn runs on. */
final class Signals {
    private static final int SIGRTMIN = 34;
    private static final int SIGRTMAX = 64;

    private Signals() {}

    static int number(Signal signal) {
        return switch (signal) {
            case SIGHUP -> 1;
            case SIGINT -> 2;
            case SIGQUIT -> 3;
            case SIGILL -> 4;
            case SIGTRAP -> 5;
            case SIGABRT, SIGIOT -> 6;
            case SIGBUS -> 7;
            case SIGFPE -> 8;
            case SIGKILL -> 9;
            case SIGUSR1 -> 10;
            case SIGSEGV -> 11;
            case SIGUSR2 -> 12;
            case SIGPIPE -> 13;
            case SIGALRM -> 14;
            case SIGTERM, RUNTIME_DEFAULT, UNRECOGNIZED -> 15;
            case SIGSTKFLT -> 16;
            case SIGCHLD, SIGCLD -> 17;
            case SIGCONT -> 18;
            case SIGSTOP -> 19;
            case SIGTSTP -> 20;
            case SIGTTIN -> 21;
            case SIGTTOU -> 22;
            case SIGURG -> 23;
            case SIGXCPU -> 24;
            case SIGXFSZ -> 25;
            case SIGVTALRM -> 26;
            case SIGPROF -> 27;
            case SIGWINCH -> 28;
            case SIGIO, SIGPOLL -> 29;
            case SIGPWR -> 30;
            case SIGSYS -> 31;
            case SIGRTMIN -> SIGRTMIN;
            case SIGRTMINPLUS1, SIGRTMINPLUS2, SIGRTMINPLUS3, SIGRTMINPLUS4, SIGRTMINPLUS5, SIGRTMINPLUS6, SIGRTMINPLUS7, SIGRTMINPLUS8,
                    SIGRTMINPLUS9, SIGRTMINPLUS10, SIGRTMINPLUS11, SIGRTMINPLUS12, SIGRTMINPLUS13, SIGRTMINPLUS14, SIGRTMINPLUS15 ->
                SIGRTMIN + distance(signal, "SIGRTMINPLUS");
            case SIGRTMAXMINUS14, SIGRTMAXMINUS13, SIGRTMAXMINUS12, SIGRTMAXMINUS11, SIGRTMAXMINUS10, SIGRTMAXMINUS9, SIGRTMAXMINUS8,
                    SIGRTMAXMINUS7, SIGRTMAXMINUS6, SIGRTMAXMINUS5, SIGRTMAXMINUS4, SIGRTMAXMINUS3, SIGRTMAXMINUS2, SIGRTMAXMINUS1 ->
                SIGRTMAX - distance(signal, "SIGRTMAXMINUS");
            case SIGRTMAX -> SIGRTMAX;
        };
    }

    /** The CRI name of a number, where it has one; of two names for one number the common one. */
    static Signal named(int number) {
        for (Signal signal : Signal.values()) {
            boolean common = signal != Signal.SIGIOT && signal != Signal.SIGCLD && signal != Signal.SIGPOLL;
            if (signal != Signal.RUNTIME_DEFAULT && signal != Signal.UNRECOGNIZED && common && number(signal) == number) {
                return signal;
            }
        }
        return Signal.RUNTIME_DEFAULT;
    }

    private static int distance(Signal signal, String prefix) {
        return Integer.parseInt(signal.name().substring(prefix.length()));
    }
}
