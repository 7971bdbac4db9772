/// Block templates and solver.
@org.jspecify.annotations.NullMarked
module weft.mining {
    requires static transitive org.jspecify;
    requires transitive weft.mempool;

    exports weft.mining;
    exports weft.mining.stratum;
}
