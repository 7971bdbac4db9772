/// Programs: weft, weftd, weft-cli.
@org.jspecify.annotations.NullMarked
module weft.app {
    requires static transitive org.jspecify;
    requires transitive weft.server;
    requires transitive weft.store;
    requires transitive weft.net;
    requires transitive weft.sim;

}
