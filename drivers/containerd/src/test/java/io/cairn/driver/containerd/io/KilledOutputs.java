package io.cairn.driver.containerd.io;

import io.cairn.linux.Poller;
import io.vavr.control.Option;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;

/**
 * A daemon with the outputs of some containers, until it is killed, or told no more; see {@link KilledOutputsTest}. Each line it is told is an
 * order: {@code reopen} all logs, or {@code finish} all.
 */
final class KilledOutputs {
    private KilledOutputs() {}

    private record NoTask() implements Task {
        @Override
        public void closeStdin() {}

        @Override
        public void resize(int columns, int rows) {}
    }

    static OutputSpec spec(Path dir, int number) {
        return new OutputSpec("c" + number, dir.resolve("run/c" + number), Option.some(log(dir, number)), false, false, false);
    }

    static Path log(Path dir, int number) {
        return dir.resolve("logs-" + number).resolve("0.log");
    }

    /** Arguments: directory, number of containers. */
    public static void main(String[] arguments) throws Exception {
        Path dir = Path.of(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        Poller poller = Poller.open();
        Outputs outputs = Outputs.open(poller, dir.resolve("programs"));
        for (int i = 0; i < count; i++) {
            outputs.open(spec(dir, i), new NoTask()).awaitReady();
        }
        System.out.println("ready");
        var orders = new BufferedReader(new InputStreamReader(System.in));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            for (int i = 0; i < count; i++) {
                Output output = outputs.find("c" + i).get();
                if (order.equals("finish")) {
                    if (!output.finish()) {
                        throw new IllegalStateException("Expected the output to end, but it has not");
                    }
                } else {
                    output.reopenLog();
                }
            }
            System.out.println("done");
        }
        outputs.close();
        poller.close();
    }
}
