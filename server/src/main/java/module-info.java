/// JSON-RPC over HTTP.
@org.jspecify.annotations.NullMarked
module weft.server {
    requires static transitive org.jspecify;
    requires transitive weft.node;
    requires transitive weft.light;
    requires weft.wallet;
    requires transitive tools.jackson.databind;
    requires jdk.httpserver;

    exports weft.server;
    exports weft.server.http;
    exports weft.server.json;
    exports weft.server.rpc;
    exports weft.server.stratum;
}
