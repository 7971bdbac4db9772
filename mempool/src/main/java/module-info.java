/// Mempool and relay policy.
@org.jspecify.annotations.NullMarked
module weft.mempool {
    requires static transitive org.jspecify;
    requires transitive weft.chain;

    exports weft.mempool;
    exports weft.mempool.fees;
}
