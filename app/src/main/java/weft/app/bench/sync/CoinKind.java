package weft.app.bench.sync;

/// The kinds of coins that a synthetic chain is made of.
enum CoinKind {
    /// Pay to public key hash.
    P2PKH(20, 148, 34),
    /// Two of three keys, bare inside a script hash.
    P2SH_MULTISIG(8, 297, 32),
    /// BIP-0141, version 0, key hash.
    P2WPKH(40, 68, 31),
    /// BIP-0141, version 0, two of three keys.
    P2WSH_MULTISIG(10, 105, 43),
    /// BIP-0341, spent by key.
    P2TR_KEY(17, 58, 43),
    /// BIP-0341, spent by the only leaf of its tree, a single signature.
    P2TR_SCRIPT(5, 83, 43);

    /// Share of the outputs by default, in percent; all together 100.
    final int percent;

    /// Virtual bytes of an input that spends it, at most.
    final int inputBytes;

    /// Bytes of an output.
    final int outputBytes;

    CoinKind(int percent, int inputBytes, int outputBytes) {
        this.percent = percent;
        this.inputBytes = inputBytes;
        this.outputBytes = outputBytes;
    }

    /// Whether two of three signatures spend it.
    boolean isMultisig() {
        return this == P2SH_MULTISIG || this == P2WSH_MULTISIG;
    }

    /// Whether BIP-0340 signatures spend it.
    boolean isTaproot() {
        return this == P2TR_KEY || this == P2TR_SCRIPT;
    }
}
