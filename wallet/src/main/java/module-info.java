/// Keys, descriptors, signing, PSBT. Knows no peer and no node.
@org.jspecify.annotations.NullMarked
module weft.wallet {
    requires static transitive org.jspecify;
    requires transitive weft.consensus;

    exports weft.wallet.descriptor;
    exports weft.wallet.miniscript;
    exports weft.wallet.psbt;
    exports weft.wallet.sign;
}
