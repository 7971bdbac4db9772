/// Sockets on virtual threads.
@org.jspecify.annotations.NullMarked
module weft.net {
    requires static transitive org.jspecify;
    requires transitive weft.p2p;

    exports weft.net;
}
