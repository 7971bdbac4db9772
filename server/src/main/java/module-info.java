/// JSON-RPC over HTTP, and metrics.
@org.jspecify.annotations.NullMarked
module weft.server {
    requires static transitive org.jspecify;
    requires transitive weft.node;
    requires transitive weft.light;
    requires weft.wallet;
    requires transitive tools.jackson.databind;
    requires io.prometheus.metrics.model;
    requires io.prometheus.writer.text;
    requires java.management;
    requires jdk.httpserver;

    exports weft.server;
    exports weft.server.http;
    exports weft.server.json;
    exports weft.server.metrics;
    exports weft.server.rpc;
    exports weft.server.stratum;
}
