package io.turnpike.system.quota;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/** Loads the simulator, the ledger and the node anew, as another program would. */
class FreshLoader extends ClassLoader {
    private static final List<String> OWN = List.of("io.turnpike.node.", "io.turnpike.telemetry.ledger.",
            "io.turnpike.telemetry.topology.", "io.turnpike.telemetry.store.", "io.turnpike.system.quota.");

    FreshLoader() {
        super(FreshLoader.class.getClassLoader());
    }

    /** The simulator over the product that was loaded. */
    @SuppressWarnings("unchecked") // another loader's SimulationRun
    LongFunction<Optional<String>> simulator() {
        try {
            return (LongFunction<Optional<String>>) loadClass(SimulationRun.class.getName()).getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What happened in the run of a seed over the product that was loaded. */
    @SuppressWarnings("unchecked") // another loader's SimulationRun
    List<String> history(long seed) {
        try {
            Method history = loadClass(SimulationRun.class.getName()).getDeclaredMethod("history", long.class);
            history.setAccessible(true);
            return (List<String>) history.invoke(null, seed);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected final Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            if (OWN.stream().noneMatch(name::startsWith)) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            byte[] bytes = classFile(name);
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    /** What a class is made of. */
    byte[] classFile(String name) throws ClassNotFoundException {
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
