package io.turnpike.telemetry.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class GatheringTest {
    private static final Instance A = new Instance("a", 1);
    private static final Instance B = new Instance("b", 1);
    private static final Instance C = new Instance("c", 1);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(200);

    private final List<String> asked = new ArrayList<>();
    private final Map<Instance, Supplier<CompletableFuture<Found<String>>>> instances = new HashMap<>();

    private Gathering<String> gathering(Set<Integer> partitions, Supplier<Map<Integer, List<Instance>>> places) {
        return new Gathering<>(partitions, places, (instance, numbers, budget) -> {
            asked.add(instance.host() + numbers);
            return instances.get(instance).get();
        });
    }

    @Test
    void asksEachInstanceOnceForAllItsPartitions() throws InterruptedException {
        answers(A, Map.of(0, "zero", 2, "two"));
        answers(B, Map.of(1, "one"));

        Map<Integer, Part<String>> parts = gathering(Set.of(0, 1, 2),
                () -> Map.of(0, List.of(A), 1, List.of(B), 2, List.of(A))).within(LONG);

        assertThat(parts.values()).extracting(Part::answer).containsExactly("zero", "one", "two");
        assertThat(asked).containsExactlyInAnyOrder("a[0, 2]", "b[1]");
    }

    @Test
    void asksTheCopyAtOnceWhenTheOwnerIsGone() throws InterruptedException {
        fails(A);
        copies(B, 0, "copy");

        Map<Integer, Part<String>> parts = gathering(Set.of(0), () -> Map.of(0, List.of(A, B))).within(LONG);

        assertThat(parts.get(0).answer()).isEqualTo("copy");
        assertThat(parts.get(0).copyAsOf()).isPresent();
        assertThat(asked).containsExactly("a[0]", "b[0]");
    }

    @Test
    void asksTheCopyWhenTheOwnerKeepsSilent() throws InterruptedException {
        instances.put(A, CompletableFuture::new);
        copies(B, 0, "copy");

        assertThat(gathering(Set.of(0), () -> Map.of(0, List.of(A, B))).within(LONG).get(0).answer())
                .isEqualTo("copy");
    }

    @Test
    void followsAPartitionThatMovesMeanwhile() throws InterruptedException {
        refuses(A, 0);
        answers(C, Map.of(0, "moved"));
        List<Map<Integer, List<Instance>>> places = new ArrayList<>(
                List.of(Map.of(0, List.of(A)), Map.of(), Map.of(0, List.of(C))));

        assertThat(gathering(Set.of(0), () -> places.remove(0)).within(LONG).get(0).answer()).isEqualTo("moved");
        assertThat(asked).containsExactly("a[0]", "c[0]");
    }

    @Test
    void asksTheNewOwnerWhileTheOldOneKeepsSilent() throws InterruptedException {
        instances.put(A, CompletableFuture::new);
        answers(C, Map.of(0, "moved"));
        List<Map<Integer, List<Instance>>> places = new ArrayList<>(List.of(Map.of(0, List.of(A))));

        assertThat(gathering(Set.of(0), () -> places.isEmpty() ? Map.of(0, List.of(A, C)) : places.remove(0))
                .within(LONG).get(0).answer()).isEqualTo("moved");
        assertThat(asked).containsExactly("a[0]", "c[0]");
    }

    @Test
    void leavesOutWhatDoesNotAnswerByTheDeadlineAndSaysWhy() throws InterruptedException {
        answers(A, Map.of(0, "zero"));
        refuses(B, 1);

        Gathering<String> gathering = gathering(Set.of(0, 1), () -> Map.of(0, List.of(A), 1, List.of(B)));

        assertThat(gathering.within(SHORT)).containsOnlyKeys(0);
        assertThat(gathering.reason()).isEqualTo("moving");
    }

    @Test
    void answersNothingWhereNobodyHasAPartition() throws InterruptedException {
        Gathering<String> gathering = gathering(Set.of(0), Map::of);

        assertThat(gathering.within(SHORT)).isEmpty();
        assertThat(gathering.reason()).isEqualTo("no instance has it");
    }

    @Test
    void aBugInAQuestionIsNotTakenForAnAbsence() {
        instances.put(A, () -> CompletableFuture.failedFuture(new ArithmeticException("overflow")));

        assertThatThrownBy(() -> gathering(Set.of(0), () -> Map.of(0, List.of(A))).within(LONG))
                .isInstanceOf(ArithmeticException.class);
    }

    private void answers(Instance instance, Map<Integer, String> answers) {
        Map<Integer, Part<String>> parts = new HashMap<>();
        answers.forEach((partition, answer) -> parts.put(partition, new Part<>(answer, Optional.empty())));
        instances.put(instance, () -> CompletableFuture.completedFuture(new Found<>(parts, Map.of())));
    }

    private void copies(Instance instance, int partition, String answer) {
        instances.put(instance, () -> CompletableFuture.completedFuture(
                new Found<>(Map.of(partition, new Part<>(answer, Optional.of(Instant.EPOCH))), Map.of())));
    }

    private void refuses(Instance instance, int partition) {
        instances.put(instance,
                () -> CompletableFuture.completedFuture(new Found<>(Map.of(), Map.of(partition, "moving"))));
    }

    private void fails(Instance instance) {
        instances.put(instance, () -> CompletableFuture.failedFuture(new java.net.ConnectException("refused")));
    }
}
