package io.cairn.oci;

import io.vavr.Tuple2;
import io.vavr.collection.LinkedHashSet;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;

/** {@link CdiSpecs} out of directories. A file that cannot be read hides only its own devices: it may be another vendor's. */
record CdiDirectories(List<Path> directories) implements CdiSpecs {
    private static final int FILES_MAX = 1_000;
    /** Of the reasons why files are of no use, told with a device that is not found. */
    private static final int REASONS_MAX = 3;

    /** What was found, the last directory first, and why some of it is of no use. */
    private record Found(List<List<CdiFile>> byDirectory, List<String> broken) {}

    @Override
    public CdiEdits edits(List<CdiName> devices) throws Refused {
        if (devices.isEmpty()) {
            return CdiEdits.NONE;
        }
        Found found = read();
        Set<CdiFile> begun = LinkedHashSet.empty();
        CdiEdits edits = CdiEdits.NONE;
        for (CdiName device : devices) {
            CdiFile file = file(device, found);
            edits = begun.contains(file) ? edits : edits.then(file.edits());
            edits = edits.then(file.devices().apply(device.device()));
            begun = begun.add(file);
        }
        return edits;
    }

    private CdiFile file(CdiName device, Found found) throws Refused {
        for (List<CdiFile> files : found.byDirectory()) {
            List<CdiFile> having = files.filter(f -> f.kind().equals(device.kind()) && f.devices().containsKey(device.device()));
            if (having.size() > 1) {
                throw Refused.host("Expected CDI device %s in one file of a directory, but %d files of the same one have it: look in %s",
                        device, having.size(), directories.mkString(", "));
            }
            if (having.nonEmpty()) {
                return having.head();
            }
        }
        String broken = found.broken().isEmpty() ? "" : "; %d files there are of no use, such as: %s".formatted(found.broken().size(),
                found.broken().take(REASONS_MAX).mkString("; "));
        throw Refused.host("Expected CDI device %s on this node, but no file in %s has it%s", device, directories.mkString(", "), broken);
    }

    private Found read() throws Refused {
        List<List<CdiFile>> files = List.empty();
        List<String> broken = List.empty();
        for (Path directory : directories) {
            Tuple2<List<CdiFile>, List<String>> here = read(directory);
            files = files.prepend(here._1());
            broken = broken.appendAll(here._2());
        }
        return new Found(files, broken);
    }

    private static Tuple2<List<CdiFile>, List<String>> read(Path directory) throws Refused {
        var files = new ArrayList<CdiFile>();
        var broken = new ArrayList<String>();
        for (Path path : paths(directory)) {
            var parsed = Refused.catching(() -> CdiFile.parse(bytes(path), path.toString()));
            parsed.peek(files::add).peekLeft(problem -> broken.add(problem.message()));
        }
        return new Tuple2<>(List.ofAll(files), List.ofAll(broken));
    }

    private static List<Path> paths(Path directory) throws Refused {
        var paths = new ArrayList<Path>();
        try (var entries = Files.newDirectoryStream(directory, "*.{json,yaml,yml}")) {
            for (Path entry : entries) {
                paths.add(entry);
                if (paths.size() > FILES_MAX) {
                    throw Refused.host("Expected at most %d CDI files in %s, but there are more", FILES_MAX, directory);
                }
            }
        } catch (NoSuchFileException e) {
            return List.empty();
        } catch (IOException | DirectoryIteratorException e) {
            throw Refused.host("Expected to read the CDI directory %s, but: %s", directory, e);
        }
        paths.sort(Comparator.naturalOrder());
        return List.ofAll(paths);
    }

    /** Only regular files: a fifo in the directory must hold up nobody. */
    private static byte[] bytes(Path path) throws Refused {
        Option<byte[]> bytes;
        try {
            bytes = Files.isRegularFile(path) ? Option.some(read(path, Json.MAX_BYTES + 1)) : Option.none();
        } catch (IOException e) {
            throw Refused.host("Expected to read the CDI file %s, but: %s", path, e);
        }
        return bytes.filter(b -> b.length <= Json.MAX_BYTES).getOrElseThrow(() -> Refused.host(
                "Expected the CDI file %s to be a regular one of at most %d bytes, but it is not", path, Json.MAX_BYTES));
    }

    private static byte[] read(Path path, int bytesMax) throws IOException {
        try (var in = Files.newInputStream(path)) {
            return in.readNBytes(bytesMax);
        }
    }
}
