package weft.primitives;

/// Rules that we promised ourselves, always checked. Never for input from outside.
public final class Check {
    private Check() {}

    /// Throws [Bug] unless the rule holds.
    public static void state(boolean holds, String rule) {
        if (!holds) {
            throw new Bug(rule);
        }
    }

    /// Throws [IllegalArgumentException] unless the caller kept to the contract.
    public static void argument(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }
}
