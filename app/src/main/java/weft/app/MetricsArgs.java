package weft.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.node.LightRunner;
import weft.app.node.NodeRunner;
import weft.primitives.log.Log;
import weft.server.LightApi;
import weft.server.NodeApi;
import weft.server.PeersApi;
import weft.server.metrics.ChainFigures;
import weft.server.metrics.MetricsServer;
import weft.server.metrics.NodeFigures;

/// The options of the server of metrics: `-metrics` and `-metricshost`.
final class MetricsArgs {
    private static final String OPTION = "metrics";
    private static final String NAMES = "metricshost";
    private static final String LOOPBACK = "127.0.0.1";
    private static final int PORT_MAX = 65_535;

    /// An address, in brackets if it is one of IPv6, and a port; or a port alone.
    private static final Pattern FORM =
            Pattern.compile("(?:([0-9.]{7,15}|\\[[0-9a-fA-F:.]{2,45}\\]):)?([0-9]{1,5})");

    private MetricsArgs() {}

    /// What the options ask for; empty if there shall be no server.
    ///
    /// @throws ArgsFault if they make no sense
    static Optional<MetricsServer.Options> options(Args args) {
        boolean off = args.isNegated(OPTION) || args.text(OPTION).orElse("").equals("0");
        if (!args.isSet(OPTION) || off) {
            if (args.isSet(NAMES)) {
                throw new ArgsFault("-" + NAMES + " needs -" + OPTION);
            }
            return Optional.empty();
        }
        return Optional.of(
                new MetricsServer.Options(
                        bind(args.text(OPTION).orElse("")),
                        args.list(NAMES),
                        MetricsServer.Options.PATIENCE));
    }

    private static InetSocketAddress bind(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            int port = Integer.parseInt(form.group(2));
            String host = form.group(1);
            try {
                if (port >= 1 && port <= PORT_MAX) {
                    InetAddress address = InetAddress.getByName(host == null ? LOOPBACK : host);
                    return new InetSocketAddress(address, port);
                }
            } catch (UnknownHostException e) {
                // Said below.
            }
        }
        throw new ArgsFault(
                "-metrics must be a port, 1 to 65535, or an IP address and a port: " + text);
    }

    /// Opens the server of a full node.
    ///
    /// @throws ArgsFault if the port cannot be had
    static MetricsServer start(
            NodeApi node, NodeRunner runner, MetricsServer.Options options, Log log) {
        var chain = new AtomicReference<@Nullable ChainFigures>();
        runner.chain().onTick((engine, now) -> chain.set(ChainFigures.of(engine, now)));
        return start(
                node,
                runner.peers()::messagesSent,
                () -> Optional.ofNullable(chain.get()),
                options,
                log);
    }

    /// Opens the server of a light node.
    ///
    /// @throws ArgsFault if the port cannot be had
    static MetricsServer start(
            LightApi node, LightRunner runner, MetricsServer.Options options, Log log) {
        return start(node, runner.peers()::messagesSent, Optional::empty, options, log);
    }

    private static MetricsServer start(
            PeersApi node,
            Supplier<Map<String, Long>> messagesSent,
            Supplier<Optional<ChainFigures>> chain,
            MetricsServer.Options options,
            Log log) {
        var sources = new NodeFigures.Sources(BuildVersion.current(), messagesSent, chain);
        if (!options.bind().getAddress().isLoopbackAddress()) {
            log.warning("Metrics are answered to everybody who can reach " + options.bind());
        }
        try {
            return MetricsServer.start(new NodeFigures(node, sources), options, log);
        } catch (IOException e) {
            throw new ArgsFault(
                    "Unable to answer -metrics on " + options.bind() + ": " + e.getMessage());
        }
    }
}
