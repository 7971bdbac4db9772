package weft.app;

/// Stand-in.
public final class WeftCli {
    private WeftCli() {}

    /// Stand-in.
    public static void main(String[] args) {}
}
