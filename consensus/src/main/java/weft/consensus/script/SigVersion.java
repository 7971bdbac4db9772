package weft.consensus.script;

/// Which rules of signing a script runs under.
public enum SigVersion {
    /// Outputs of old, and scripts behind their hash. See BIP-0016.
    BASE,
    /// Witness version 0. See BIP-0143.
    WITNESS_V0,
    /// The key of a taproot output. See BIP-0341.
    TAPROOT,
    /// A script of a taproot output. See BIP-0342.
    TAPSCRIPT
}
