package io.turnpike.ctl;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A limit as an operator writes it: a whole number, with K, M, G, T for powers of 1000 and Ki, Mi, Gi, Ti for powers of
 * 1024, or {@code none}.
 *
 * @param json
 *            a long, or null for none
 */
record Limit(JsonNode json) {

    static final Limit NONE = new Limit(NullNode.getInstance());

    private static final Pattern FORM = Pattern.compile("([0-9]{1,18})([kmgt]?)(i?)b?");

    static final class Converter implements ITypeConverter<Limit> {
        @Override
        public Limit convert(String text) {
            if (text.equals("none")) {
                return NONE;
            }
            Matcher matcher = FORM.matcher(text.toLowerCase(Locale.ROOT));
            if (!matcher.matches() || matcher.group(2).isEmpty() && !matcher.group(3).isEmpty()) {
                throw new TypeConversionException("'" + text + "' is no limit: write a whole number, with K, M, G, T"
                        + " (1000) or Ki, Mi, Gi, Ti (1024) if you like, or none");
            }
            int power = "kmgt".indexOf(matcher.group(2)) + (matcher.group(2).isEmpty() ? 0 : 1);
            long unit = (long) Math.pow(matcher.group(3).isEmpty() ? 1000 : 1024, power);
            try {
                return new Limit(LongNode.valueOf(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit)));
            } catch (ArithmeticException e) {
                throw new TypeConversionException("'" + text + "' is more than 64 bits hold");
            }
        }
    }
}
