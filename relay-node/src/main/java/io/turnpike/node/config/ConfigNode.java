package io.turnpike.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/** Typed reading of one configuration object; every refusal names the whole key and never shows the value's text. */
final class ConfigNode {
    private final Config config;
    private final String prefix;

    /** @param prefix the object's own key with a dot behind, or nothing for the root */
    ConfigNode(Config config, String prefix) {
        this.config = config;
        this.prefix = prefix;
    }

    boolean isSet(String key) {
        return config.hasPath(key) && !isEmptyText(config.getValue(key));
    }

    String text(String key) {
        String text = value(key, "text", Config::getString);
        Rules.require(!text.isBlank(), name(key), "is empty");
        return text;
    }

    Optional<String> optionalText(String key) {
        return isSet(key) ? Optional.of(text(key)) : Optional.empty();
    }

    boolean flag(String key) {
        return value(key, "true or false", Config::getBoolean);
    }

    int integer(String key) {
        Number number = value(key, "a whole number", Config::getNumber);
        Rules.require(number.doubleValue() == number.intValue(), name(key), "must be a whole number, not " + number);
        return number.intValue();
    }

    long bytes(String key) {
        return value(key, "a number of bytes such as 1048576 or 1MiB", Config::getBytes);
    }

    Duration duration(String key) {
        return value(key, "a duration such as 10s or 400ms", Config::getDuration);
    }

    ZoneId zone(String key) {
        String text = text(key);
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new InvalidConfigException(name(key) + " must be an IANA time zone, not " + text);
        }
    }

    <E extends Enum<E>> E constant(String key, Class<E> type) {
        String text = text(key);
        String constant = text.toUpperCase(Locale.ROOT).replace('-', '_').replace('+', '_');
        return Arrays.stream(type.getEnumConstants()).filter(each -> each.name().equals(constant)).findFirst()
                .orElseThrow(() -> new InvalidConfigException(
                        name(key) + " must be one of " + Arrays.toString(type.getEnumConstants()) + ", not " + text));
    }

    <E extends Enum<E>> Optional<E> optionalConstant(String key, Class<E> type) {
        return isSet(key) ? Optional.of(constant(key, type)) : Optional.empty();
    }

    List<String> texts(String key) {
        return value(key, "a list of texts", Config::getStringList);
    }

    /** Texts in one, separated by commas; none where the key is null. */
    List<String> separated(String key) {
        return optionalText(key).stream().flatMap(text -> Stream.of(text.split(","))).map(String::trim).toList();
    }

    List<CidrBlock> blocks(String key) {
        return texts(key).stream().map(text -> {
            try {
                return CidrBlock.parse(text);
            } catch (IllegalArgumentException e) {
                throw new InvalidConfigException(name(key) + ": " + e.getMessage());
            }
        }).toList();
    }

    <T> List<T> nodes(String key, Set<String> known, Function<ConfigNode, T> reader) {
        List<? extends ConfigObject> entries = value(key, "a list of objects", Config::getObjectList);
        List<T> read = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            ConfigNode entry = new ConfigNode(entries.get(i).toConfig(), name(key) + '.' + i + '.');
            entry.refuseUnknown(known);
            read.add(reader.apply(entry));
        }
        return read;
    }

    private void refuseUnknown(Set<String> known) {
        Set<String> unknown = new TreeSet<>(config.root().keySet());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new InvalidConfigException("unknown configuration key: " + prefix + unknown.iterator().next());
        }
    }

    private <T> T value(String key, String expected, BiFunction<Config, String, T> getter) {
        if (!isSet(key)) {
            throw new InvalidConfigException(name(key) + " is required: set it in the configuration file or as "
                    + KnownKeys.environmentName(name(key)));
        }
        try {
            return getter.apply(config, key);
        } catch (ConfigException e) {
            throw new InvalidConfigException(name(key) + " must be " + expected);
        }
    }

    private String name(String key) {
        return prefix + key;
    }

    private static boolean isEmptyText(ConfigValue value) {
        return value.valueType() == ConfigValueType.STRING && ((String) value.unwrapped()).isEmpty();
    }
}
