package io.turnpike.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Turns {@code TURNPIKE_} variables into configuration; each must name a key, or an entry of a list. */
final class EnvironmentOverrides {
    /** Variables of the launcher, which are no keys. */
    static final Set<String> NOT_KEYS = Set.of("TURNPIKE_JAVA_OPTS");

    private final KnownKeys known;
    private final Map<String, Map<Integer, Object>> entries = new TreeMap<>();
    private Config overrides = ConfigFactory.empty();

    private EnvironmentOverrides(KnownKeys known) {
        this.known = known;
    }

    static Config of(KnownKeys known, Map<String, String> environment) {
        EnvironmentOverrides reader = new EnvironmentOverrides(known);
        new TreeMap<>(environment).forEach((variable, text) -> {
            if (variable.startsWith(KnownKeys.ENVIRONMENT_PREFIX) && !NOT_KEYS.contains(variable)) {
                reader.add(variable, text);
            }
        });
        reader.entries.forEach(reader::putEntries);
        return reader.overrides;
    }

    private void add(String variable, String text) {
        String key = known.ofEnvironment(variable).orElse(null);
        if (key == null) {
            addEntry(variable, text);
        } else if (known.isList(key)) {
            put(key, list(variable, text));
        } else {
            put(key, ConfigValueFactory.fromAnyRef(text.isEmpty() ? null : text));
        }
    }

    private void put(String key, ConfigValue value) {
        overrides = overrides.withValue(key, value);
    }

    private static ConfigValue list(String variable, String text) {
        try {
            return ConfigFactory.parseString("list = " + (text.isBlank() ? "[]" : text)).getList("list");
        } catch (ConfigException e) {
            throw new InvalidConfigException(variable + " must be a list as in a configuration file: [ ... ]");
        }
    }

    /** {@code TURNPIKE_LISTENERS_0_PORT}, {@code TURNPIKE_PEERS_ALLOW_0}. */
    private void addEntry(String variable, String text) {
        String key = known.types().keySet().stream().filter(known::isList)
                .filter(list -> variable.startsWith(KnownKeys.environmentName(list) + '_')).findFirst()
                .orElseThrow(() -> unknown(variable));
        String[] rest = variable.substring(KnownKeys.environmentName(key).length() + 1).split("_", 2);
        int index = index(variable, rest[0]);
        Map<Integer, Object> list = entries.computeIfAbsent(key, each -> new TreeMap<>());
        if (rest.length == 1) {
            list.put(index, text);
        } else if (list.computeIfAbsent(index, each -> new HashMap<String, Object>()) instanceof Map<?, ?> object) {
            putField(object, rest[1].toLowerCase(Locale.ROOT).replace('_', '-'), field(variable, text));
        } else {
            throw new InvalidConfigException(variable + " is set beside a whole entry of the same number");
        }
    }

    @SuppressWarnings("unchecked")
    private static void putField(Map<?, ?> object, String field, Object value) {
        ((Map<String, Object>) object).put(field, value);
    }

    /** A field of an entry is text, unless it is a list itself. */
    private static Object field(String variable, String text) {
        return text.startsWith("[") ? list(variable, text).unwrapped() : text;
    }

    private static int index(String variable, String text) {
        if (!text.matches("[0-9]{1,4}")) {
            throw unknown(variable);
        }
        return Integer.parseInt(text);
    }

    private void putEntries(String key, Map<Integer, Object> byIndex) {
        String name = KnownKeys.environmentName(key);
        if (overrides.hasPath(key)) {
            throw new InvalidConfigException(name + " is set as a whole and entry by entry; keep one of them");
        }
        List<Object> list = new ArrayList<>();
        byIndex.forEach((index, value) -> {
            if (index != list.size()) {
                throw new InvalidConfigException(name + '_' + list.size() + " is missing: entries count from 0");
            }
            list.add(value instanceof String text && text.startsWith("{") ? object(name, text) : value);
        });
        put(key, ConfigValueFactory.fromIterable(list));
    }

    private static Object object(String name, String text) {
        try {
            return ConfigFactory.parseString(text).root().unwrapped();
        } catch (ConfigException e) {
            throw new InvalidConfigException(name + " has an entry that is no object as in a configuration file");
        }
    }

    private static InvalidConfigException unknown(String variable) {
        return new InvalidConfigException("unknown configuration key in the environment: " + variable);
    }
}
