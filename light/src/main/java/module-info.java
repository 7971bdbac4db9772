/// A node of headers alone.
@org.jspecify.annotations.NullMarked
module weft.light {
    requires static transitive org.jspecify;
    requires transitive weft.p2p;

    exports weft.light;
}
