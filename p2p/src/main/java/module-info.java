/// The peer engine.
@org.jspecify.annotations.NullMarked
module weft.p2p {
    requires static transitive org.jspecify;
    requires transitive weft.wire;
    requires transitive weft.chain;

    exports weft.p2p;
    exports weft.p2p.addr;
    exports weft.p2p.bloom;
    exports weft.p2p.defence;
    exports weft.p2p.peers;
    exports weft.p2p.record;
    exports weft.p2p.sync;
    exports weft.p2p.tx;
}
