package io.cairn.network;

import io.cairn.linux.Namespaces.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A short-lived process in new namespaces, for pods with a user namespace: a process with more than one thread cannot make
 * one (unshare(2), EINVAL), so the JVM needs {@code unshare} of util-linux for it. The process is {@code cat}: its echo tells
 * that it has arrived, and it ends with its input, hence with the daemon.
 */
final class UserNamespaceHolder implements AutoCloseable {
    private static final long READY_TIMEOUT_MILLIS = 10_000;

    private final Process process;

    private UserNamespaceHolder(Process process) {
        this.process = process;
    }

    static UserNamespaceHolder start(Path unshare, Path cat, Set<Kind> kinds, UserMapping users) throws IOException {
        var command = new ArrayList<String>();
        command.add(unshare.toString());
        command.add("--user");
        kinds.forEach(k -> command.add("--" + k.procName()));
        command.add(cat.toString());
        var holder = new UserNamespaceHolder(new ProcessBuilder(command).redirectErrorStream(true).start());
        try {
            holder.awaitReady(command);
            holder.map("uid_map", users.users());
            holder.map("gid_map", users.groups());
            return holder;
        } catch (IOException e) {
            holder.close();
            throw e;
        }
    }

    private void awaitReady(Iterable<String> command) throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
        var line = new CompletableFuture<String>();
        Thread.ofPlatform().daemon().name("cairn-userns").start(() -> {
            try {
                line.complete(String.valueOf(reader.readLine()));
            } catch (IOException e) {
                line.completeExceptionally(e);
            }
        });
        String said;
        try {
            said = line.get(READY_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + command, e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("expected %s to echo a line, but: %s".formatted(command, e.getMessage()), e);
        }
        if (!said.isEmpty()) {
            throw new IOException("expected %s to echo an empty line, but it said %s".formatted(command, Text.quote(said)));
        }
    }

    /** In one write, as the kernel demands (user_namespaces(7)). */
    private void map(String file, io.vavr.collection.List<IdMapping> ids) throws IOException {
        Path path = Path.of("/proc", Long.toString(process.pid()), file);
        try {
            Files.write(path, ids.map(IdMapping::line).mkString().getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("cannot write %s to %s: %s".formatted(ids.mkString(", "), path, Text.reason(e)), e);
        }
    }

    /** A namespace of the process: {@code user}, {@code net}, ... */
    Path namespace(String procName) {
        return Path.of("/proc", Long.toString(process.pid()), "ns", procName);
    }

    @Override
    public void close() {
        ProcessTree.kill(process.toHandle());
    }
}
