package weft.wallet.descriptor;

/// Where in a descriptor a script or key stands.
enum ScriptContext {
    /// Outermost: the output's own script.
    TOP,
    /// Inside `sh()`.
    P2SH,
    /// Inside `wpkh()`: a key alone.
    P2WPKH,
    /// Inside `wsh()`.
    P2WSH,
    /// Inside `tr()`.
    P2TR;

    boolean allowsUncompressed() {
        return this == TOP || this == P2SH;
    }

    /// Whether scripts of old may stand there.
    boolean isScript() {
        return this == TOP || this == P2SH || this == P2WSH;
    }

    /// Whether what goes into a witness by its hash may stand there.
    boolean mayWrapWitness() {
        return this == TOP || this == P2SH;
    }
}
