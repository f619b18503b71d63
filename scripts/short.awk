# Maven's output made short: one line for each test class, failures and errors in full. The whole of it is in target/make-test.log.
/^\[INFO\] Building / && $3 != "jar:" { module = $3; next }
/^\[INFO\] Tests run:.* in / {
    class = $NF; count = $4; sub(",", "", count); time = $0; sub(/.*elapsed: /, "", time); sub(/ -- in .*/, "", time)
    sub(/ <<<.*/, "", time)
    tests += count; classes++
    printf "ok    %-60s %5d tests  %s\n", class, count, time; fflush(); next
}
# A stack trace has no prefix: it belongs to the error above it.
/^\[ERROR\] Tests run:.* in / { class = $NF; count = $4; sub(",", "", count); tests += count; classes++; shown = 1
    sub(/^\[ERROR\] /, ""); print "FAIL  " $0; fflush(); next }
/^\[ERROR\] (\[Help|To see the full|Re-run Maven|For more information|After correcting|  mvn |-> \[Help|See dump files)/ { next }
/^\[ERROR\] *$/ { next }
/^\[ERROR\]/ { shown = 1; print; fflush(); next }
/^\[/ { shown = 0; next }
shown { print; fflush() }
END { printf "%d tests in %d classes\n", tests, classes }
