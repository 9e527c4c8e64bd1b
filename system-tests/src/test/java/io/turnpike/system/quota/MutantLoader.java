package io.turnpike.system.quota;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.pool.TypePool;

/** Loads the simulator, the ledger and the node anew, with one rule broken. */
final class MutantLoader extends ClassLoader {
    private static final List<String> OWN = List.of("io.turnpike.node.", "io.turnpike.telemetry.ledger.",
            "io.turnpike.telemetry.topology.", "io.turnpike.telemetry.store.", "io.turnpike.system.quota.");

    private final Mutation mutation;

    MutantLoader(Mutation mutation) {
        super(MutantLoader.class.getClassLoader());
        this.mutation = mutation;
    }

    /** The simulator over the mutated product. */
    @SuppressWarnings("unchecked") // another loader's SimulationRun
    LongFunction<Optional<String>> simulator() {
        try {
            return (LongFunction<Optional<String>>) loadClass(SimulationRun.class.getName()).getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            if (OWN.stream().noneMatch(name::startsWith)) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            byte[] bytes = name.equals(mutation.type()) ? mutated(name) : read(name);
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    private byte[] mutated(String name) {
        ClassFileLocator classes = ClassFileLocator.ForClassLoader.of(getParent());
        TypeDescription type = TypePool.Default.of(classes).describe(name).resolve();
        if (type.getDeclaredMethods().stream()
                .noneMatch(method -> method.getInternalName().equals(mutation.method()))) {
            throw new IllegalStateException(mutation + " breaks a method that is not there any more");
        }
        return mutation.weave(new ByteBuddy().redefine(type, classes)).make().getBytes();
    }

    private byte[] read(String name) throws ClassNotFoundException {
        try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) {
                throw new ClassNotFoundException(name);
            }
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
