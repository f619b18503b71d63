package io.cairn.app;

/** {@code cairn version}. */
final class VersionCommand implements Command {
    @Override
    public String words() {
        return "version";
    }

    @Override
    public String description() {
        return "Print the version.";
    }

    @Override
    public int run(Invocation invocation) throws Exception {
        Version.print(invocation.out());
        return 0;
    }
}
