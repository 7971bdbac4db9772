/// Full node: peer engine and chain engine.
@org.jspecify.annotations.NullMarked
module weft.node {
    requires static transitive org.jspecify;
    requires transitive weft.p2p;
    requires transitive weft.mining;

    exports weft.node;
}
