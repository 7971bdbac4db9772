/// Rules: pure functions from bytes and coins to a verdict.
@org.jspecify.annotations.NullMarked
module weft.consensus {
    requires static transitive org.jspecify;
    requires transitive weft.primitives;

    exports weft.consensus;
    exports weft.consensus.script;
}
