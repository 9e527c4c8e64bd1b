package io.turnpike.system.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/**
 * One thing that the two servers did differently.
 *
 * @param name of the case
 * @param aspect {@code answer}, {@code integrity}, or the name of an attribute
 * @param coturn what coturn did
 * @param turnpike what the relay did
 */
record Difference(String name, String aspect, String coturn, String turnpike) {
    private static final String ABSENT = "absent";

    /** All differences of two outcomes; attributes are compared if the answers are the same. */
    static List<Difference> between(String name, Outcome coturn, Outcome turnpike) {
        List<Difference> found = new ArrayList<>();
        boolean sameAnswer = coturn.answer().equals(turnpike.answer());
        if (!sameAnswer) {
            found.add(new Difference(name, "answer", coturn.answer(), turnpike.answer()));
        }
        boolean bothAnswered = !coturn.integrity().isEmpty() && !turnpike.integrity().isEmpty();
        if (bothAnswered && !coturn.integrity().equals(turnpike.integrity())) {
            found.add(new Difference(name, "integrity", coturn.integrity(), turnpike.integrity()));
        }
        if (sameAnswer) {
            TreeSet<String> names = new TreeSet<>(coturn.attributes().keySet());
            names.addAll(turnpike.attributes().keySet());
            for (String attribute : names) {
                String theirs = coturn.attributes().getOrDefault(attribute, ABSENT);
                String ours = turnpike.attributes().getOrDefault(attribute, ABSENT);
                if (!Objects.equals(theirs, ours)) {
                    found.add(new Difference(name, attribute, theirs, ours));
                }
            }
        }
        return found;
    }
}
