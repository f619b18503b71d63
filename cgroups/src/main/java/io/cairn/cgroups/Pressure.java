package io.cairn.cgroups;

/**
 * How much time processes waited for a resource (Documentation/accounting/psi.rst).
 *
 * @param some at least one of them waited
 * @param full all of them did
 */
public record Pressure(Share some, Share full) {
    /** @param totalMicros since the cgroup was made; the averages are percent of the last 10, 60 and 300 seconds */
    public record Share(double avg10, double avg60, double avg300, long totalMicros) {
        static final Share NONE = new Share(0, 0, 0, 0);
    }
}
