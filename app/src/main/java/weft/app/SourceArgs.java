package weft.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.P2pOptions;
import weft.p2p.addr.NetGroups;
import weft.p2p.peers.RandomProbe;
import weft.wire.Subnet;

/// Whom we dial, and where addresses come from: `-connect`, `-addnode`, `-seednode`, `-dnsseed`,
/// `-fixedseeds`, `-central`, `-probe`.
final class SourceArgs {
    private static final String CONNECT = "connect";

    private final Args args;
    private final ChainParams params;

    SourceArgs(Args args, ChainParams params) {
        this.args = args;
        this.params = params;
    }

    P2pOptions.Sources sources(NetGroups groups) {
        P2pOptions.Sources sources =
                P2pOptions.Sources.of(groups)
                        .withAddNodes(args.list("addnode"))
                        .withSeedNodes(args.list("seednode"));
        Optional<String> central = args.text("central");
        if (central.isPresent()) {
            return central(sources, central.get());
        }
        sources = sources.withProbe(probe()).withDns(dns());
        if (args.isSet(CONNECT)) {
            return isQuiet() ? sources.quiet() : sources.withConnect(connect());
        }
        return args.flag("fixedseeds", true) ? sources.withFixed(FixedSeeds.of(params)) : sources;
    }

    /// One by one, or several with commas between them, which no address has.
    private List<String> connect() {
        return args.list(CONNECT).stream()
                .flatMap(each -> Arrays.stream(each.split(",", 0)))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
    }

    /// Whether nobody is dialled unless an operator says so.
    private boolean isQuiet() {
        List<String> connect = connect();
        return connect.isEmpty() || connect.equals(List.of("0"));
    }

    /// Who is told whom to dial need not ask DNS, but may be told to.
    private P2pOptions.Dns dns() {
        boolean alone = args.isSet(CONNECT) || args.number("maxconnections", 1) <= 0;
        var reach = new ReachArgs(args);
        if (!reach.dialsClearly() && args.isSet("dnsseed") && args.flag("dnsseed", true)) {
            throw new ArgsFault(
                    "Incompatible options: -dnsseed=1 was explicitly specified, but -onlynet forbids"
                            + " connections to IPv4/IPv6");
        }
        boolean usual = args.flag("dns", true) && !alone && reach.dialsClearly();
        boolean enabled = args.flag("dnsseed", usual);
        boolean forced = args.flag("forcednsseed", false);
        if (forced && !enabled) {
            throw new ArgsFault("Cannot set -forcednsseed to true when setting -dnsseed to false.");
        }
        List<String> seeds = params.seeds().stream().map(ChainParams.DnsSeed::host).toList();
        return new P2pOptions.Dns(seeds, enabled, forced, reach.hides());
    }

    /// One node is the source of everything.
    private P2pOptions.Sources central(P2pOptions.Sources sources, String central) {
        for (String other : List.of("addnode", CONNECT, "seednode", "probe")) {
            if (args.isSet(other)) {
                throw new ArgsFault("-central is the only source: it cannot go with -" + other);
            }
        }
        NodeArgs.address(central, params.identity().p2pPort(), "central");
        return sources.withAddNodes(List.of(central));
    }

    /// Ranges to dial at random; only who asks for it does so, and on the main network only who insists.
    private P2pOptions.Probe probe() {
        List<Subnet> ranges =
                args.list("probe").stream().map(text -> NodeArgs.subnet(text, "probe")).toList();
        boolean main = params.network() == Network.MAIN;
        if (!ranges.isEmpty() && !RandomProbe.isAllowed(main, args.flag("probemain", false))) {
            throw new ArgsFault(
                    "-probe on the main network annoys strangers; if you must, add -probemain");
        }
        return new P2pOptions.Probe(ranges, P2pOptions.Probe.OFF.interval());
    }

    /// What was asked for and will not happen, each in a line.
    List<String> warnings() {
        var lines = new ArrayList<String>();
        if (args.isSet(CONNECT) && !isQuiet() && !args.list("seednode").isEmpty()) {
            lines.add("-seednode is ignored when -connect is used");
        }
        if (args.isSet(CONNECT)
                && args.isSet("dnsseed")
                && args.flag("dnsseed", true)
                && args.isSet("proxy")) {
            lines.add("-dnsseed is ignored when -connect is used and -proxy is specified");
        }
        return lines;
    }
}
