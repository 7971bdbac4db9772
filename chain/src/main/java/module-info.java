/// Header tree, chain state, coins.
@org.jspecify.annotations.NullMarked
module weft.chain {
    requires static transitive org.jspecify;
    requires transitive weft.consensus;

    exports weft.chain;
    exports weft.chain.api;
    exports weft.chain.filter;
    exports weft.chain.index;
    exports weft.chain.store;
}
