/// The world in one thread.
@org.jspecify.annotations.NullMarked
module weft.sim {
    requires static transitive org.jspecify;
    requires transitive weft.node;

    exports weft.sim;
}
