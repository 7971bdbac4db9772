/// JSON-RPC.
@org.jspecify.annotations.NullMarked
module weft.server {
    requires static transitive org.jspecify;
    requires transitive weft.node;

}
