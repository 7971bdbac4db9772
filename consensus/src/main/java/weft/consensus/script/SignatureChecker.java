package weft.consensus.script;

/// What a running script asks about the transaction that spends.
public interface SignatureChecker {
    /// Whether an ECDSA signature is right.
    ///
    /// @param signature with its hash type
    /// @param scriptCode the part of the script that is signed
    /// @param version [SigVersion#BASE] or [SigVersion#WITNESS_V0]
    boolean checkEcdsa(byte[] signature, byte[] publicKey, byte[] scriptCode, SigVersion version);

    /// Whether a Schnorr signature is right.
    ///
    /// @param signature 64 bytes, or 65 with a hash type
    /// @param publicKey 32 bytes
    /// @param version [SigVersion#TAPROOT] or [SigVersion#TAPSCRIPT]
    /// @return [ScriptError#OK], or what is wrong
    ScriptError checkSchnorr(
            byte[] signature, byte[] publicKey, SigVersion version, ExecutionContext context);

    /// Whether the transaction's lock time is at least this. See BIP-0065.
    boolean checkLockTime(long lockTime);

    /// Whether the input's relative lock time is at least this. See BIP-0112.
    boolean checkSequence(long sequence);
}
