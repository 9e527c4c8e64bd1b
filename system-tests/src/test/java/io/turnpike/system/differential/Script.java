package io.turnpike.system.differential;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The cases, each on a leg of its own. The methods of the RFCs one after the other, right and wrong. */
final class Script {
    /** What is said in a case. */
    @FunctionalInterface
    interface Steps {
        void run(Conversation with) throws IOException;
    }

    /**
     * A case.
     *
     * @param name unique; with the names of what is noted in it, the first column of the table
     * @param onlyDatagrams whether a stream has no such thing: a wrong length there is a wait for the rest
     * @param steps what is said
     */
    record Case(String name, boolean onlyDatagrams, Steps steps) {}

    private final List<Case> cases = new ArrayList<>();

    private Script() {}

    /** All cases. */
    static List<Case> cases() {
        Script script = new Script();
        BindingCases.addTo(script);
        CredentialCases.addTo(script);
        AllocateCases.addTo(script);
        RefreshCases.addTo(script);
        PermissionCases.addTo(script);
        ChannelCases.addTo(script);
        DataCases.addTo(script);
        return List.copyOf(script.cases);
    }

    Script add(String name, Steps steps) {
        cases.add(new Case(name, false, steps));
        return this;
    }

    Script addForDatagrams(String name, Steps steps) {
        cases.add(new Case(name, true, steps));
        return this;
    }
}
