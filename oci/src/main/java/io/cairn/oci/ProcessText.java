package io.cairn.oci;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.KeyValue;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;

/** The texts a process starts with: its arguments, its environment and its working directory. */
final class ProcessText {
    static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    static final String DEFAULT_TERM = "xterm";

    private ProcessText() {}

    /** The CRI's command replaces the image's entrypoint and with it the image's cmd; the CRI's args replace the cmd alone. */
    static List<String> args(ContainerConfig config, ImageConfig image) throws Refused {
        List<String> command = List.ofAll(config.getCommandList());
        List<String> args = List.ofAll(config.getArgsList());
        if (command.isEmpty()) {
            command = image.entrypoint();
            args = args.isEmpty() ? image.cmd() : args;
        }
        List<String> all = command.appendAll(args);
        if (all.isEmpty()) {
            throw Refused.image(
                    "Expected a command to run, but neither the container config nor image %s names one", config.getImage().getImage());
        }
        for (String arg : all) {
            noNul("an argument of the process", arg);
        }
        return all;
    }

    /** Later wins, at the place of the first: PATH, TERM, HOSTNAME, then the image's, then the CRI's. HOME is set by the OCI runtime. */
    static List<String> env(ContainerConfig config, ImageConfig image, String hostname) throws Refused {
        Map<String, String> env = LinkedHashMap.of("PATH", DEFAULT_PATH);
        if (config.getTty()) {
            env = env.put("TERM", DEFAULT_TERM);
        }
        if (!hostname.isEmpty()) {
            env = env.put("HOSTNAME", hostname);
        }
        for (String entry : image.env()) {
            int equals = entry.indexOf('=');
            // A bare KEY in an image's Env sets nothing in Docker either.
            if (equals > 0) {
                env = env.put(noNul("an environment variable of the image", entry.substring(0, equals)),
                        noNul("an environment variable of the image", entry.substring(equals + 1)));
            }
        }
        for (KeyValue entry : config.getEnvsList()) {
            if (entry.getKey().isEmpty() || entry.getKey().indexOf('=') >= 0) {
                throw Refused.request(
                        "Expected the key of an environment variable to be neither empty nor to hold '=', but it is \"%.80s\"",
                        entry.getKey());
            }
            env = env.put(noNul("the key of an environment variable", entry.getKey()),
                    noNul("the value of environment variable " + entry.getKey(), entry.getValue()));
        }
        return env.toList().map(entry -> entry._1() + "=" + entry._2());
    }

    static String workingDir(ContainerConfig config, ImageConfig image) throws Refused {
        boolean ours = !config.getWorkingDir().isEmpty();
        String dir = ours ? config.getWorkingDir() : image.workingDir().getOrElse("/");
        noNul("the working directory", dir);
        if (dir.startsWith("/")) {
            return dir;
        }
        if (ours) {
            throw Refused.request("Expected working_dir to be absolute, but it is \"%.200s\"", dir);
        }
        // Images built long ago carry relative ones; Docker takes them from the root.
        return "/" + dir;
    }

    /** The value is not told: it may be a secret. */
    static String noNul(String what, String text) throws Refused {
        if (text.indexOf('\0') >= 0) {
            throw Refused.request("Expected %s without NUL characters, but it holds one at position %d", what, text.indexOf('\0'));
        }
        return text;
    }
}
