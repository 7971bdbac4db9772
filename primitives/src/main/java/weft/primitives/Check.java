package weft.primitives;

import org.jspecify.annotations.Nullable;

/// Rules that we promised ourselves, always checked. Never for input from outside.
public final class Check {
    private Check() {}

    /// Throws [Bug] unless the rule holds.
    public static void state(boolean holds, String rule) {
        if (!holds) {
            throw new Bug(rule);
        }
    }

    /// Throws [Bug] if a value is missing that must be there.
    ///
    /// @return the value
    public static <T> T present(@Nullable T value, String rule) {
        if (value == null) {
            throw new Bug(rule);
        }
        return value;
    }

    /// Throws [IllegalArgumentException] unless the caller kept to the contract.
    public static void argument(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }
}
