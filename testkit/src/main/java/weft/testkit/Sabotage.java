package weft.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// A rule that the annotated test must miss: with this method of the product broken the test must fail. See
/// [SeenRed].
///
/// Exactly one of the ways to break a method is given: [#returns] (alone, or with [#call]), [#constant],
/// [#flips] or [#catches].
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Repeatable(Sabotage.List.class)
public @interface Sabotage {
    /// Full name of the class, as `Class.getName()` has it.
    String type();

    /// Name of the method; all that share it are broken.
    String method();

    /// What the method answers now: `void`, `null`, `true`, `false`, a number, or `Type.FIELD` with the
    /// full name of a type that has such a static field.
    String returns() default "";

    /// Name of a method that the broken one no longer calls: it goes on as if the answer were [#returns],
    /// which is `void` where there is none.
    String call() default "";

    /// `OLD>NEW`: each number OLD in the method is NEW now.
    String constant() default "";

    /// Number, from 1, of the conditional jump that goes the other way now.
    int flips() default 0;

    /// What the method answers now where it threw anything, as in [#returns].
    String catches() default "";

    /// Several sabotages of one test; each alone must turn it red.
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    @interface List {
        /// The sabotages.
        Sabotage[] value();
    }
}
