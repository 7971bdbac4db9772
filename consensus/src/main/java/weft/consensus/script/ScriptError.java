package weft.consensus.script;

/// Why a script failed, with Bitcoin Core's names and texts; [#OK] if it did not.
public enum ScriptError {
    /// No error.
    OK("No error"),
    /// unknown error.
    UNKNOWN_ERROR("unknown error"),
    /// Script evaluated without error but finished with a false/empty top stack element.
    EVAL_FALSE("Script evaluated without error but finished with a false/empty top stack element"),
    /// OP_RETURN was encountered.
    OP_RETURN("OP_RETURN was encountered"),
    /// Script is too big.
    SCRIPT_SIZE("Script is too big"),
    /// Push value size limit exceeded.
    PUSH_SIZE("Push value size limit exceeded"),
    /// Operation limit exceeded.
    OP_COUNT("Operation limit exceeded"),
    /// Stack size limit exceeded.
    STACK_SIZE("Stack size limit exceeded"),
    /// Signature count negative or greater than pubkey count.
    SIG_COUNT("Signature count negative or greater than pubkey count"),
    /// Pubkey count negative or limit exceeded.
    PUBKEY_COUNT("Pubkey count negative or limit exceeded"),
    /// Script failed an OP_VERIFY operation.
    VERIFY("Script failed an OP_VERIFY operation"),
    /// Script failed an OP_EQUALVERIFY operation.
    EQUALVERIFY("Script failed an OP_EQUALVERIFY operation"),
    /// Script failed an OP_CHECKMULTISIGVERIFY operation.
    CHECKMULTISIGVERIFY("Script failed an OP_CHECKMULTISIGVERIFY operation"),
    /// Script failed an OP_CHECKSIGVERIFY operation.
    CHECKSIGVERIFY("Script failed an OP_CHECKSIGVERIFY operation"),
    /// Script failed an OP_NUMEQUALVERIFY operation.
    NUMEQUALVERIFY("Script failed an OP_NUMEQUALVERIFY operation"),
    /// Opcode missing or not understood.
    BAD_OPCODE("Opcode missing or not understood"),
    /// Attempted to use a disabled opcode.
    DISABLED_OPCODE("Attempted to use a disabled opcode"),
    /// Operation not valid with the current stack size.
    INVALID_STACK_OPERATION("Operation not valid with the current stack size"),
    /// Operation not valid with the current altstack size.
    INVALID_ALTSTACK_OPERATION("Operation not valid with the current altstack size"),
    /// Invalid OP_IF construction.
    UNBALANCED_CONDITIONAL("Invalid OP_IF construction"),
    /// Negative locktime.
    NEGATIVE_LOCKTIME("Negative locktime"),
    /// Locktime requirement not satisfied.
    UNSATISFIED_LOCKTIME("Locktime requirement not satisfied"),
    /// Signature hash type missing or not understood.
    SIG_HASHTYPE("Signature hash type missing or not understood"),
    /// Non-canonical DER signature.
    SIG_DER("Non-canonical DER signature"),
    /// Data push larger than necessary.
    MINIMALDATA("Data push larger than necessary"),
    /// Only push operators allowed in signatures.
    SIG_PUSHONLY("Only push operators allowed in signatures"),
    /// Non-canonical signature: S value is unnecessarily high.
    SIG_HIGH_S("Non-canonical signature: S value is unnecessarily high"),
    /// Dummy CHECKMULTISIG argument must be zero.
    SIG_NULLDUMMY("Dummy CHECKMULTISIG argument must be zero"),
    /// Public key is neither compressed or uncompressed.
    PUBKEYTYPE("Public key is neither compressed or uncompressed"),
    /// Stack size must be exactly one after execution.
    CLEANSTACK("Stack size must be exactly one after execution"),
    /// OP_IF/NOTIF argument must be minimal.
    MINIMALIF("OP_IF/NOTIF argument must be minimal"),
    /// Signature must be zero for failed CHECK(MULTI)SIG operation.
    SIG_NULLFAIL("Signature must be zero for failed CHECK(MULTI)SIG operation"),
    /// NOPx reserved for soft-fork upgrades.
    DISCOURAGE_UPGRADABLE_NOPS("NOPx reserved for soft-fork upgrades"),
    /// Witness version reserved for soft-fork upgrades.
    DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM("Witness version reserved for soft-fork upgrades"),
    /// Taproot version reserved for soft-fork upgrades.
    DISCOURAGE_UPGRADABLE_TAPROOT_VERSION("Taproot version reserved for soft-fork upgrades"),
    /// OP_SUCCESSx reserved for soft-fork upgrades.
    DISCOURAGE_OP_SUCCESS("OP_SUCCESSx reserved for soft-fork upgrades"),
    /// Public key version reserved for soft-fork upgrades.
    DISCOURAGE_UPGRADABLE_PUBKEYTYPE("Public key version reserved for soft-fork upgrades"),
    /// Witness program has incorrect length.
    WITNESS_PROGRAM_WRONG_LENGTH("Witness program has incorrect length"),
    /// Witness program was passed an empty witness.
    WITNESS_PROGRAM_WITNESS_EMPTY("Witness program was passed an empty witness"),
    /// Witness program hash mismatch.
    WITNESS_PROGRAM_MISMATCH("Witness program hash mismatch"),
    /// Witness requires empty scriptSig.
    WITNESS_MALLEATED("Witness requires empty scriptSig"),
    /// Witness requires only-redeemscript scriptSig.
    WITNESS_MALLEATED_P2SH("Witness requires only-redeemscript scriptSig"),
    /// Witness provided for non-witness script.
    WITNESS_UNEXPECTED("Witness provided for non-witness script"),
    /// Using non-compressed keys in segwit.
    WITNESS_PUBKEYTYPE("Using non-compressed keys in segwit"),
    /// Invalid Schnorr signature size.
    SCHNORR_SIG_SIZE("Invalid Schnorr signature size"),
    /// Invalid Schnorr signature hash type.
    SCHNORR_SIG_HASHTYPE("Invalid Schnorr signature hash type"),
    /// Invalid Schnorr signature.
    SCHNORR_SIG("Invalid Schnorr signature"),
    /// Invalid Taproot control block size.
    TAPROOT_WRONG_CONTROL_SIZE("Invalid Taproot control block size"),
    /// Too much signature validation relative to witness weight.
    TAPSCRIPT_VALIDATION_WEIGHT("Too much signature validation relative to witness weight"),
    /// Too much hashing relative to witness weight; not of Bitcoin Core.
    TAPSCRIPT_HASHING("Too much hashing relative to witness weight"),
    /// OP_CHECKMULTISIG(VERIFY) is not available in tapscript.
    TAPSCRIPT_CHECKMULTISIG("OP_CHECKMULTISIG(VERIFY) is not available in tapscript"),
    /// OP_IF/NOTIF argument must be minimal in tapscript.
    TAPSCRIPT_MINIMALIF("OP_IF/NOTIF argument must be minimal in tapscript"),
    /// Using OP_CODESEPARATOR in non-witness script.
    OP_CODESEPARATOR("Using OP_CODESEPARATOR in non-witness script"),
    /// Signature is found in scriptCode.
    SIG_FINDANDDELETE("Signature is found in scriptCode");

    private final String text;

    ScriptError(String text) {
        this.text = text;
    }

    /// The words that Bitcoin Core puts in parentheses after `mandatory-script-verify-flag-failed`.
    public String text() {
        return text;
    }
}
