package weft.app;

/// The version that this program was built as.
public final class BuildVersion {
    private BuildVersion() {}

    /// For instance `0.1.0`; from the jar's manifest, or the version in work where classes are run without a
    /// jar.
    public static String current() {
        String version = BuildVersion.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0" : version;
    }
}
