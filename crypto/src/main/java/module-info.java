/// Hashes, ciphers, secp256k1.
@org.jspecify.annotations.NullMarked
module weft.crypto {
    requires static transitive org.jspecify;

    exports weft.crypto;
}
