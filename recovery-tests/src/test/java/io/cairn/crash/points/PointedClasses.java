package io.cairn.crash.points;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Loads the production classes once more, with a {@link Points point} at every effect. The code itself knows nothing of it: each call
 * of an effect is led through a small method that is added to the class.
 */
final class PointedClasses extends ClassLoader {
    private static final List<String> POINTED = List.of("io.cairn.app.", "io.cairn.cgroups.", "io.cairn.core.", "io.cairn.driver.", "io.cairn.images.", "io.cairn.journal.",
            "io.cairn.linux.", "io.cairn.network.", "io.cairn.oci.", "io.cairn.streaming.");
    private static final String INSIDE = "io.cairn.crash.points.inside.";
    private static final ClassDesc POINTS = Points.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc TAKES_NOTHING = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final MethodTypeDesc TAKES_SITE = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);

    private final Path made;

    /** @param made where classes that have their points are kept, for all who are given the same directory: to make one takes longer than to load it */
    PointedClasses(Path made) {
        super(PointedClasses.class.getClassLoader());
        this.made = made;
    }

    Path made() {
        return made;
    }

    /** Stubs that are generated call themselves; what calls them has the points. */
    static boolean isPointed(String className) {
        return POINTED.stream().anyMatch(className::startsWith) && !className.startsWith(Effects.STUBS);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!isPointed(name) && !name.startsWith(INSIDE)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = name.startsWith(INSIDE) ? in.readAllBytes() : pointed(name, in);
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    /** A file that is there is whole. By its name it is of this very original: not everybody has the same class path. */
    private byte[] pointed(String name, InputStream in) throws IOException {
        byte[] original = in.readAllBytes();
        var sum = new CRC32C();
        sum.update(original);
        Path file = made.resolve("%s-%d-%x".formatted(name, original.length, sum.getValue()));
        if (!Files.exists(file)) {
            Path unfinished = Files.createTempFile(made, "unfinished-", "");
            Files.write(unfinished, new Pointing(ClassFile.of().parse(original)).transformed());
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readAllBytes(file);
    }

    /** One call of an effect. */
    private record Site(String site, String wrapper, InvokeInstruction call, Effects.Kind kind) {
        /** The wrapper's type: the receiver, if there is one, comes first. */
        MethodTypeDesc type() {
            MethodTypeDesc called = call.typeSymbol();
            return call.opcode() == Opcode.INVOKESTATIC ? called : called.insertParameterTypes(0, call.owner().asSymbol());
        }
    }

    /** The transformation of one class. */
    private static final class Pointing {
        private final ClassModel model;
        private final List<Site> sites = new ArrayList<>();
        private final Map<String, Integer> named = new HashMap<>();

        Pointing(ClassModel model) {
            this.model = model;
        }

        byte[] transformed() {
            ClassTransform calls = (builder, element) -> {
                if (element instanceof MethodModel method) {
                    builder.transformMethod(method, MethodTransform.transformingCode(through(method.methodName().stringValue())));
                } else {
                    builder.with(element);
                }
            };
            return ClassFile.of().transformClass(model, calls.andThen(ClassTransform.endHandler(this::addWrappers)));
        }

        private CodeTransform through(String method) {
            return (builder, element) -> {
                Optional<Site> site = element instanceof InvokeInstruction call ? site(method, call) : Optional.empty();
                if (site.isPresent()) {
                    builder.invokestatic(model.thisClass().asSymbol(), site.get().wrapper(), site.get().type(), isInterface());
                } else {
                    builder.with(element);
                }
            };
        }

        private Optional<Site> site(String method, InvokeInstruction call) {
            String called = call.name().stringValue();
            Optional<Effects.Kind> kind = Effects.of(call.owner().asInternalName().replace('/', '.'), called,
                            call.typeSymbol().parameterCount()).flatMap(k -> k)
                    .filter(k -> k != Effects.Kind.NONE);
            return kind.map(k -> {
                String simple = model.thisClass().asInternalName().replaceFirst(".*/", "");
                String name = "%s.%s → %s".formatted(simple, method.replaceFirst("^lambda\\$(\\w+)\\$\\d+$", "$1"), called);
                int number = named.merge(name, 1, Integer::sum);
                var site = new Site(number == 1 ? name : name + " #" + number, "point$" + sites.size(), call, k);
                sites.add(site);
                return site;
            });
        }

        private boolean isInterface() {
            return (model.flags().flagsMask() & ClassFile.ACC_INTERFACE) != 0;
        }

        private void addWrappers(ClassBuilder builder) {
            int flags = ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC;
            for (Site site : sites) {
                builder.withMethodBody(site.wrapper(), site.type(), flags, code -> wrap(code, site));
            }
        }

        private static void wrap(CodeBuilder code, Site site) {
            if (site.kind() == Effects.Kind.OPENING) {
                options(code, site).ifThenElse(effect -> around(effect, site), look -> arguments(look, site).with(site.call()).return_(result(site)));
            } else {
                around(code, site);
            }
        }

        /** The options of an open are its only Collection or array, or its only int but a mode, which comes last. */
        private static CodeBuilder options(CodeBuilder code, Site site) {
            boolean isLibc = !site.type().parameterType(0).equals(ClassDesc.of("java.nio.file.Path"));
            if (!isLibc) {
                return code.aload(1).invokestatic(POINTS, "makesFile", MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_Object));
            }
            return code.iload(code.parameterSlot(site.type().parameterCount() - 2))
                    .invokestatic(POINTS, "makesFile", MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_int));
        }

        private static void around(CodeBuilder code, Site site) {
            boolean isVoid = result(site) == TypeKind.VOID;
            int answer = isVoid ? -1 : code.allocateLocal(result(site));
            code.loadConstant(site.site()).invokestatic(POINTS, "before", TAKES_SITE);
            code.trying(effect -> {
                arguments(effect, site).with(site.call());
                if (!isVoid) {
                    effect.storeLocal(result(site), answer);
                }
            }, failure -> failure.catchingAll(handler -> handler.invokestatic(POINTS, "after", TAKES_NOTHING).athrow()));
            if (result(site) == TypeKind.INT || result(site) == TypeKind.BOOLEAN) {
                code.loadLocal(result(site), answer).invokestatic(POINTS, "after", MethodTypeDesc.of(ConstantDescs.CD_void, site.type().returnType()));
            } else {
                code.invokestatic(POINTS, "after", TAKES_NOTHING);
            }
            if (site.kind() == Effects.Kind.PROCESS) {
                code.loadConstant(site.site()).invokestatic(POINTS, "begun", TAKES_SITE);
            }
            if (!isVoid) {
                code.loadLocal(result(site), answer);
            }
            code.return_(result(site));
        }

        private static TypeKind result(Site site) {
            return TypeKind.from(site.type().returnType());
        }

        private static CodeBuilder arguments(CodeBuilder code, Site site) {
            for (int i = 0; i < site.type().parameterCount(); i++) {
                code.loadLocal(TypeKind.from(site.type().parameterType(i)), code.parameterSlot(i));
            }
            return code;
        }
    }
}
