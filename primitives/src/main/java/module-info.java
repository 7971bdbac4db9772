/// Transactions, blocks, hashes, addresses, byte codecs.
@org.jspecify.annotations.NullMarked
module weft.primitives {
    requires static transitive org.jspecify;
    requires transitive weft.crypto;

    exports weft.primitives;
    exports weft.primitives.address;
    exports weft.primitives.codec;
    exports weft.primitives.log;
}
