package io.turnpike.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The keys of {@code reference.conf}: what may be set, and the environment variable of each. */
final class KnownKeys {
    static final String ENVIRONMENT_PREFIX = "TURNPIKE_";

    private final Map<String, ConfigValueType> types = new TreeMap<>();
    private final Map<String, String> byEnvironmentName = new TreeMap<>();

    private KnownKeys() {}

    static KnownKeys of(Config reference) {
        KnownKeys known = new KnownKeys();
        known.collect("", reference.root());
        return known;
    }

    private void collect(String prefix, ConfigObject object) {
        object.forEach((name, value) -> {
            if (value.valueType() == ConfigValueType.OBJECT) {
                collect(prefix + name + '.', (ConfigObject) value);
            } else {
                types.put(prefix + name, value.valueType());
                byEnvironmentName.put(environmentName(prefix + name), prefix + name);
            }
        });
    }

    /** All keys with the types of their defaults, in order. */
    Map<String, ConfigValueType> types() {
        return types;
    }

    /** The key of an environment variable. */
    Optional<String> ofEnvironment(String variable) {
        return Optional.ofNullable(byEnvironmentName.get(variable));
    }

    boolean isList(String key) {
        return types.get(key) == ConfigValueType.LIST;
    }

    /** Refuses every key of the overrides that is not in the reference. */
    void check(Config overrides) {
        check("", overrides.root());
    }

    private void check(String prefix, ConfigObject object) {
        for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
            String key = prefix + ConfigUtil.joinPath(entry.getKey());
            boolean isObject = entry.getValue().valueType() == ConfigValueType.OBJECT;
            boolean isParent = types.keySet().stream().anyMatch(known -> known.startsWith(key + '.'));
            if (isObject && isParent) {
                check(key + '.', (ConfigObject) entry.getValue());
            } else if (isParent) {
                throw new InvalidConfigException(key + " must be an object");
            } else if (!types.containsKey(key)) {
                throw new InvalidConfigException(
                        "unknown configuration key: " + key + " (" + entry.getValue().origin().description() + ")");
            }
        }
    }

    static String environmentName(String key) {
        return ENVIRONMENT_PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
