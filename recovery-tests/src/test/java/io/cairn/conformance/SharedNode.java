package io.cairn.conformance;

import io.cairn.testkit.DaemonProcess;
import io.cairn.testkit.FreePort;
import io.cairn.testkit.Leaks;
import io.cairn.testkit.LoopbackRegistry;
import io.cairn.testkit.TestImages;
import io.cairn.testkit.TestNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One node, registry and daemon for all conformance tests: a daemon for each would be most of their time. */
final class SharedNode implements ParameterResolver, AfterEachCallback {
    /** A daemon that runs for as long as there are tests, and what it pulls from. */
    static final class Running implements AutoCloseable {
        static final String IMAGE = "cri.cairn.test/busybox:1";
        static final String PINNED = "cri.cairn.test/pinned:1";

        final TestNode node;
        final LoopbackRegistry registry;
        final LoopbackRegistry lockedRegistry;
        final TestImages images;
        final DaemonProcess daemon;
        final URI metrics = URI.create("http://127.0.0.1:%d/metrics".formatted(FreePort.pick()));
        private Leaks leaks;

        Running() throws Exception {
            node = TestNode.create();
            try {
                images = new TestImages();
                registry = LoopbackRegistry.start(node.root().resolve("registry"));
                lockedRegistry = LoopbackRegistry.startWithAccount(node.root().resolve("locked-registry"));
                node.mirror("cri.cairn.test", registry);
                node.mirror("locked.cairn.test", lockedRegistry);
                node.mirror("nobody.cairn.test", "http://127.0.0.1:" + FreePort.pick());
                registry.push(images.busybox().build(), "busybox", "1");
                configureImages();
                node.configure("""
                        [runtime_handlers.second]
                        [runtime_handlers.absent]
                        runtime = "%s"
                        """.formatted(node.driver().absentRuntime()));
                daemon = DaemonProcess.start(node);
                daemon.client().pull(IMAGE);
                leaks = Leaks.since(node);
            } catch (Exception | Error e) {
                node.close();
                throw e;
            }
        }

        /** Images whose name holds "unsigned" are refused by a verifier. */
        private void configureImages() throws Exception {
            Path verifiers = Files.createDirectory(node.root().resolve("verifiers"));
            Path verifier = Files.writeString(verifiers.resolve("signed"), """
                    #!/bin/sh
                    case $2 in *unsigned*) echo "no signature for $4"; exit 1 ;; esac
                    """);
            Files.setPosixFilePermissions(verifier, PosixFilePermissions.fromString("rwxr-xr-x"));
            node.addConfiguration("images", """
                    [images]
                    pinned = ["%s"]
                    failed_pull_retention = "1s"
                    stall_timeout = "15s"
                    verifier_dir = "%s"

                    [metrics]
                    address = "%s"
                    """.formatted(PINNED, verifiers, metrics.getAuthority()));
        }

        /** Pushes an image under a name; returns the reference it can be pulled by. */
        String publish(String name, TestImages.Builder image) throws Exception {
            registry.push(image.build(), name, "1");
            return "cri.cairn.test/" + name + ":1";
        }

        /** The next test is not to blame for what this one has left. */
        void lookAnew(Throwable found) {
            try {
                leaks = Leaks.since(node);
            } catch (IOException | InterruptedException e) {
                found.addSuppressed(e);
            }
        }

        /** Since the daemon has begun, or since something was found. */
        void assertNothingLeft(List<String> goneIds) throws Exception {
            try {
                leaks.assertNothingLeft(goneIds);
            } catch (AssertionError e) {
                lookAnew(e);
                throw e;
            }
        }

        @Override
        public void close() throws Exception {
            daemon.close();
            registry.close();
            lockedRegistry.close();
            node.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Running.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return running(context);
    }

    private static Running running(ExtensionContext context) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(SharedNode.class)).getOrComputeIfAbsent(Running.class, key -> begin(), Running.class);
    }

    private static Running begin() {
        try {
            return new Running();
        } catch (Exception e) {
            throw new IllegalStateException("The node for the tests could not be set up: " + e.getMessage(), e);
        }
    }

    /** What the daemon has logged says more than the client's message. */
    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (context.getExecutionException().isPresent()) {
            System.out.printf("%s failed; the daemon's log ends with:%n%s%n", context.getDisplayName(), running(context).daemon.logTail());
        }
    }
}
