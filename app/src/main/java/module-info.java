/// Programs: weft, weftd, weft-cli.
@org.jspecify.annotations.NullMarked
module weft.app {
    requires static transitive org.jspecify;
    requires transitive weft.server;
    requires transitive weft.store;
    requires transitive weft.net;
    requires transitive weft.sim;
    requires weft.wallet;
    requires info.picocli;
    requires java.management;

    opens weft.app to
            info.picocli;
    opens weft.app.bench to
            info.picocli;
    opens weft.app.bench.crash to
            info.picocli;
    opens weft.app.bench.load to
            info.picocli;
    opens weft.app.bench.sync to
            info.picocli;
    opens weft.app.compare to
            info.picocli;
    opens weft.app.mine to
            info.picocli;
    opens weft.app.sims to
            info.picocli;
    opens weft.app.tools to
            info.picocli;
    opens weft.app.vectors to
            info.picocli;
    opens weft.app.village to
            info.picocli;
}
