package weft.testkit;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Tests of which each must have been seen red: a test that cannot fail proves nothing. For every [Sabotage]
/// of every test of the class the build runs the test once more, against a product that is broken so, and
/// fails if the test passes.
public interface SeenRed {
    /// One test for each sabotage.
    @TestFactory
    default Stream<DynamicTest> shouldBeSeenRedWhenRuleIsSabotaged() {
        return Arrays.stream(getClass().getDeclaredMethods())
                .filter(test -> test.getAnnotationsByType(Sabotage.class).length > 0)
                .flatMap(SeenRed::tests);
    }

    private static Stream<DynamicTest> tests(Method test) {
        return Arrays.stream(test.getAnnotationsByType(Sabotage.class))
                .map(
                        sabotage ->
                                DynamicTest.dynamicTest(
                                        test.getName() + " without " + Saboteur.name(sabotage),
                                        () -> Saboteur.seenRed(test, sabotage)));
    }
}
