package io.turnpike.system.quota;

import net.bytebuddy.ByteBuddy;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.pool.TypePool;

/** Loads the simulator, the ledger and the node anew, with one rule broken. */
final class MutantLoader extends FreshLoader {
    private final Mutation mutation;

    MutantLoader(Mutation mutation) {
        this.mutation = mutation;
    }

    @Override
    byte[] classFile(String name) throws ClassNotFoundException {
        return name.equals(mutation.type()) ? mutated(name) : super.classFile(name);
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
}
