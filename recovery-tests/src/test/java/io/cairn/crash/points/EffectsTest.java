package io.cairn.crash.points;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.reflect.Method;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing changes the world without a point: every call of the production code that could is listed, and leads through one. */
final class EffectsTest {
    @Test
    void everyCallThatCouldTouchTheWorldIsListed() throws Exception {
        var unlisted = new TreeSet<String>();
        for (ClassModel model : productionClasses()) {
            for (InvokeInstruction call : elements(model, InvokeInstruction.class)) {
                String owner = call.owner().asInternalName().replace('/', '.');
                String method = call.name().stringValue();
                if (Effects.of(owner, method, call.typeSymbol().parameterCount()).equals(Optional.of(Optional.empty()))) {
                    unlisted.add("%s calls %s.%s".formatted(model.thisClass().asInternalName(), owner, method));
                }
            }
        }
        assertThat(unlisted).as("say in Effects which of these change the world").isEmpty();
    }

    /** A method reference is no call that could be led through a point. */
    @Test
    void noEffectIsPassedOnAsAMethodReference() throws Exception {
        var passedOn = new TreeSet<String>();
        for (ClassModel model : productionClasses()) {
            for (InvokeDynamicInstruction dynamic : elements(model, InvokeDynamicInstruction.class)) {
                dynamic.bootstrapArgs().stream().filter(DirectMethodHandleDesc.class::isInstance).map(DirectMethodHandleDesc.class::cast)
                        .filter(EffectsTest::isEffect).forEach(handle -> passedOn.add(model.thisClass().asInternalName() + " passes on " + handle));
            }
        }
        assertThat(passedOn).isEmpty();
    }

    private static boolean isEffect(DirectMethodHandleDesc handle) {
        String owner = handle.owner().descriptorString().replaceAll("^L|;$", "").replace('/', '.');
        return Effects.of(owner, handle.methodName(), handle.invocationType().parameterCount()).flatMap(k -> k)
                .filter(kind -> kind != Effects.Kind.NONE).isPresent();
    }

    @Test
    void everyModuleHasEffectsAndEachIsLedThroughAPoint(@TempDir Path made) throws Exception {
        var loader = new PointedClasses(made);
        int effects = 0;
        var packages = new TreeSet<String>();
        for (ClassModel model : productionClasses()) {
            long calls = elements(model, InvokeInstruction.class).stream().filter(EffectsTest::isEffect).count();
            if (calls > 0) {
                effects += calls;
                packages.add(model.thisClass().asInternalName().split("/")[2]);
                String name = model.thisClass().asInternalName().replace('/', '.');
                long wrappers = Stream.of(Class.forName(name, false, loader).getDeclaredMethods()).filter(m -> m.getName().startsWith("point$")).count();
                assertThat(wrappers).as(name).isEqualTo(calls);
            }
        }
        System.out.printf("%d calls of the production code change the world%n", effects);
        assertThat(packages).contains("core", "driver", "images", "journal", "linux", "network");
    }

    /** Where points are looked for, nothing is loaded beforehand: one there would shift the others in killed processes only. */
    @Test
    void whatIsLoadedBeforehandPassesNoPoint(@TempDir Path made) throws Exception {
        var points = Points.ofThisProcess();
        var loading = new CompletableFuture<Void>();
        Class<?> preload = new PointedClasses(made).loadClass("io.cairn.core.daemon.Preload");
        points.thread(() -> {
            try {
                for (String part : List.of("loadSilent", "loadLogging")) {
                    Method load = preload.getDeclaredMethod(part);
                    load.setAccessible(true);
                    load.invoke(null);
                }
                loading.complete(null);
            } catch (ReflectiveOperationException | RuntimeException e) {
                loading.completeExceptionally(e);
            }
        }).start();
        loading.get(60, TimeUnit.SECONDS);
        assertThat(points.passed()).isEmpty();
    }

    private static boolean isEffect(InvokeInstruction call) {
        return Effects.of(call.owner().asInternalName().replace('/', '.'), call.name().stringValue(), call.typeSymbol().parameterCount())
                .flatMap(k -> k).filter(kind -> kind != Effects.Kind.NONE).isPresent();
    }

    private static <T> List<T> elements(ClassModel model, Class<T> kind) {
        return model.methods().stream().map(MethodModel::code).flatMap(Optional::stream).flatMap(code -> code.elementStream())
                .filter(kind::isInstance).map(kind::cast).toList();
    }

    private static List<ClassModel> productionClasses() throws IOException {
        var classes = new ArrayList<ClassModel>();
        for (String entry : System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")).split(":")) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                classes.addAll(classesBelow(path));
            } else if (path.getFileName().toString().startsWith("cairn-")) {
                try (FileSystem jar = FileSystems.newFileSystem(path)) {
                    classes.addAll(classesBelow(jar.getPath("/")));
                }
            }
        }
        assertThat(classes).as("production classes").hasSizeGreaterThan(300);
        return classes;
    }

    private static List<ClassModel> classesBelow(Path top) throws IOException {
        try (Stream<Path> files = Files.walk(top)) {
            return files.filter(f -> f.toString().endsWith(".class")).map(EffectsTest::parse)
                    .filter(model -> PointedClasses.isPointed(model.thisClass().asInternalName().replace('/', '.'))).toList();
        }
    }

    private static ClassModel parse(Path file) {
        try {
            return ClassFile.of().parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
