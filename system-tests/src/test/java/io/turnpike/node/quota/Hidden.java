package io.turnpike.node.quota;

import java.lang.reflect.Field;

/** A field of the product that only a look into it needs. */
final class Hidden {
    private final Field field;

    private Hidden(Field field) {
        this.field = field;
    }

    static Hidden of(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return new Hidden(field);
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(e);
        }
    }

    Object in(Object target) {
        try {
            return field.get(target);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
