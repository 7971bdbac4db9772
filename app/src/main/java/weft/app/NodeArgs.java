package weft.app;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.node.IndexOptions;
import weft.app.node.NodeSettings;
import weft.app.record.FlightRecorder;
import weft.chain.ChainOptions;
import weft.chain.ScriptCaches;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.mempool.FeeRate;
import weft.net.NetOptions;
import weft.p2p.P2pOptions;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.defence.MisbehaviourPolicy;
import weft.p2p.peers.Keepalive;
import weft.p2p.sync.SyncOptions;
import weft.p2p.tx.Spreading;
import weft.p2p.tx.TxOptions;
import weft.primitives.BlockHash;
import weft.store.BlockFileOptions;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;
import weft.wire.Subnet;

/// From options to settings of the node: the only place that knows both.
final class NodeArgs {
    private static final int USER_AGENT_MAX = 256;
    private static final int TARGET_MAX = 1_000;
    private static final int INBOUND_MAX = 10_000;
    private static final int HASH_DIGITS = 64;
    private static final long MEBIBYTE = 1 << 20;
    private static final int DB_CACHE_MIN_MIB = 4;
    private static final long SCRIPT_CACHE_MAX_MIB = 16_384;
    private static final int DB_CACHE_DEFAULT_MIB = 450;
    private static final long CAPTURE_DEFAULT_MIB = 1_024;
    private static final long RECORD_DEFAULT_MIB = 256;
    private static final long MIB_MAX = 1 << 30;
    private static final long HEAP_FOR_OTHERS_BYTES = 1L << 30;

    /// Each index's part of `-dbcache`.
    private static final int INDEX_PART = 32;

    private final Args args;

    private NodeArgs(Args args) {
        this.args = args;
    }

    /// The settings that a command line and its configuration files ask for.
    ///
    /// @param folder of the network
    /// @throws ArgsFault for values that make no sense
    static NodeSettings settings(Args args, ChainParams network, Path folder) {
        return new NodeArgs(args).build(network, folder);
    }

    private NodeSettings build(ChainParams params, Path folder) {
        long cacheMib = Math.max(args.number("dbcache", DB_CACHE_DEFAULT_MIB), DB_CACHE_MIN_MIB);
        long cacheBytes = Math.min(cacheMib * MEBIBYTE, heapForCoins());
        Path blocks = blocksFolder(params).orElse(folder).resolve("blocks");
        long fileBytes =
                args.flag("fastprune", false)
                        ? BlockFileOptions.FAST_PRUNE_FILE_BYTES
                        : BlockFileOptions.FILE_BYTES;
        IndexOptions indexes = IndexArgs.options(args, cacheBytes / INDEX_PART);
        var storage =
                new NodeSettings.Storage(
                        folder,
                        blocks,
                        databaseBytes(cacheBytes),
                        args.flag("blocksxor", true),
                        fileBytes,
                        rebuild(),
                        args.list("loadblock").stream().map(Path::of).toList(),
                        blockCheck(),
                        crashes());
        P2pOptions p2p = p2p(params);
        NetOptions net = net(params, folder);
        PrivacyArgs.check(args, p2p, net.tor());
        return new NodeSettings(
                params,
                storage,
                chain(params, cacheBytes - indexes.count() * indexes.cacheBytes()),
                new MempoolArgs(args).pool(params),
                p2p,
                net,
                scripts(),
                indexes,
                book(params, folder),
                watching(folder));
    }

    private NodeSettings.Watching watching(Path folder) {
        long captureMib = args.number("capturemax", CAPTURE_DEFAULT_MIB);
        long recordMib = args.number("recordmax", RECORD_DEFAULT_MIB);
        if (captureMib < 1 || recordMib < 1) {
            throw new ArgsFault("-capturemax and -recordmax are megabytes, 1 or more");
        }
        return new NodeSettings.Watching(
                args.flag("capturemessages", false),
                Math.min(captureMib, MIB_MAX) * MEBIBYTE,
                args.text("record")
                        .filter(name -> !name.isEmpty() && !args.isNegated("record"))
                        .map(
                                name ->
                                        new FlightRecorder.Options(
                                                folder.resolve(name),
                                                Math.min(recordMib, MIB_MAX) * MEBIBYTE)));
    }

    private NodeSettings.Book book(ChainParams params, Path folder) {
        for (String test : args.list("test")) {
            if (params.network() != Network.REGTEST) {
                throw new ArgsFault("-test=<option> can only be used with regtest");
            }
            if (!test.equals("addrman")) {
                throw new ArgsFault(
                        "Unrecognised option \"" + test + "\" provided in -test=<option>.");
            }
        }
        Optional<Path> map =
                args.isSet("asmap") && !args.isNegated("asmap")
                        ? Optional.of(folder.resolve(args.text("asmap").orElse("ip_asn.map")))
                        : Optional.empty();
        return new NodeSettings.Book(
                Duration.ofSeconds(args.number("bantime", 86_400)),
                map,
                Math.clamp(args.number("checkaddrman", 0), 0, 1_000_000),
                args.list("test").contains("addrman"));
    }

    private NodeSettings.Crashes crashes() {
        NodeSettings.Crashes none = NodeSettings.Crashes.NONE;
        long ratio = args.number("dbcrashratio", none.ratio());
        return new NodeSettings.Crashes(
                Math.clamp(ratio, 0, Integer.MAX_VALUE),
                Math.max(args.number("dbbatchsize", none.batchBytes()), 1));
    }

    /// What `-blocksdir` names, which is never created: a disk that is not mounted is no place for blocks.
    private Optional<Path> blocksFolder(ChainParams params) {
        Optional<String> named = args.text("blocksdir");
        if (named.isPresent() && !Files.isDirectory(Path.of(named.get()))) {
            throw new ArgsFault(
                    "Specified blocks directory \"" + named.get() + "\" does not exist.");
        }
        return named.map(
                text -> Path.of(text).toAbsolutePath().resolve(params.identity().subfolder()));
    }

    private NodeSettings.BlockCheck blockCheck() {
        return new NodeSettings.BlockCheck(
                Math.clamp(args.number("checkblocks", 6), 0, Integer.MAX_VALUE),
                Math.clamp(args.number("checklevel", 3), 0, 4),
                args.isSet("checkblocks") || args.isSet("checklevel"));
    }

    private NodeSettings.Rebuild rebuild() {
        if (args.flag("reindex", false)) {
            return NodeSettings.Rebuild.ALL;
        }
        return args.flag("reindex-chainstate", false)
                ? NodeSettings.Rebuild.COINS
                : NodeSettings.Rebuild.NOTHING;
    }

    private NodeSettings.Scripts scripts() {
        int threads = Math.toIntExact(args.number("par", 0));
        int processors = Runtime.getRuntime().availableProcessors();
        long cacheMib =
                Math.clamp(
                        args.number("maxsigcachesize", ScriptCaches.DEFAULT_BYTES / MEBIBYTE),
                        0,
                        SCRIPT_CACHE_MAX_MIB);
        return new NodeSettings.Scripts(
                Math.clamp(threads <= 0 ? processors + threads : threads, 1, 16),
                cacheMib * MEBIBYTE);
    }

    /// What the heap can hold beside all else that needs it. The launcher makes the heap fit a `-dbcache` on
    /// the command line; one in the configuration file may be more than there is room for.
    private static long heapForCoins() {
        long heap = Runtime.getRuntime().maxMemory();
        return Math.max(heap - HEAP_FOR_OTHERS_BYTES, heap / 4);
    }

    /// The database's part of `-dbcache`; the coins in memory have the rest.
    private static long databaseBytes(long cacheBytes) {
        return cacheBytes / 8;
    }

    private ChainOptions chain(ChainParams params, long cacheBytes) {
        BigInteger work =
                args.text("minimumchainwork").map(NodeArgs::work).orElse(params.minimumChainWork());
        BlockHash assumed = params.trust().assumeValid().orElse(null);
        Optional<String> named = args.text("assumevalid");
        if (args.isSet("assumevalid")) {
            assumed =
                    named.filter(text -> !text.equals("0")).map(NodeArgs::assumeValid).orElse(null);
        }
        return ChainOptions.DEFAULT
                .withMinimumChainWork(work)
                .withAssumeValid(assumed)
                .withMaxTipAge(Duration.ofSeconds(args.number("maxtipage", 86_400)))
                .withCacheBytes(cacheBytes - databaseBytes(cacheBytes))
                .withCheckpoints(args.flag("checkpoints", true))
                .withPruning(PruneArgs.pruning(args, params))
                .withStopAtHeight(
                        Math.toIntExact(
                                Math.clamp(args.number("stopatheight", 0), 0, Integer.MAX_VALUE)));
    }

    /// Leading zeros may be left out, and the digits may begin with 0x.
    private static @Nullable BlockHash assumeValid(String text) {
        String digits = text.startsWith("0x") ? text.substring(2) : text;
        try {
            return BlockHash.parse("0".repeat(Math.max(0, HASH_DIGITS - digits.length())) + digits);
        } catch (IllegalArgumentException e) {
            throw new ArgsFault(
                    "Invalid assumevalid block hash specified ("
                            + text
                            + "), must be up to 64 hex digits"
                            + " (or 0 to disable)");
        }
    }

    private static BigInteger work(String text) {
        try {
            return new BigInteger(text.startsWith("0x") ? text.substring(2) : text, 16);
        } catch (NumberFormatException e) {
            throw new ArgsFault(
                    "Invalid non-hex (" + text + ") minimum chain work value specified");
        }
    }

    private P2pOptions p2p(ChainParams params) {
        var groups = new NetGroups(args.flag("allowlocal", false));
        boolean blocksOnly = args.flag("blocksonly", false);
        boolean prunes = PruneArgs.pruning(args, params).isOn();
        long services =
                (prunes ? 0 : ServiceFlags.NETWORK)
                        | ServiceFlags.WITNESS
                        | ServiceFlags.NETWORK_LIMITED
                        | (args.flag("peerbloomfilters", false) ? ServiceFlags.BLOOM : 0)
                        | (IndexArgs.servesFilters(args) ? ServiceFlags.COMPACT_FILTERS : 0)
                        | (args.flag("v2transport", true) ? ServiceFlags.P2P_V2 : 0);
        return new P2pOptions(
                self(params, services),
                limits(),
                new SourceArgs(args, params).sources(groups),
                new P2pOptions.Access(
                        whitelist(),
                        new ReachArgs(args).reachable(),
                        args.flag("networkactive", true)),
                new SyncOptions(
                        services,
                        blocksOnly,
                        prunes,
                        SyncOptions.EXTRA_TRANSACTIONS_DEFAULT,
                        false),
                txOptions(params, services, blocksOnly),
                defence());
    }

    private TxOptions txOptions(ChainParams params, long services, boolean blocksOnly) {
        return new TxOptions(
                services,
                blocksOnly,
                Math.toIntExact(args.number("maxorphantx", TxOptions.ORPHANS_MAX_DEFAULT)),
                MempoolArgs.rate(args, "minrelaytxfee", new FeeRate(TxOptions.MIN_RELAY_DEFAULT))
                        .perKvb(),
                spreading(params),
                fluffPercent());
    }

    private Spreading spreading(ChainParams params) {
        String policy = args.text("relaypolicy").orElse(Spreading.DIFFUSION.label());
        Spreading chosen =
                Spreading.named(policy)
                        .orElseThrow(
                                () ->
                                        new ArgsFault(
                                                "-relaypolicy must be diffusion, flood or"
                                                        + " dandelion"));
        if (chosen == Spreading.DANDELION && params.network() != Network.REGTEST) {
            throw new ArgsFault(
                    "-relaypolicy=dandelion is an experiment for regtest and the simulator; it is"
                            + " not for public networks");
        }
        return chosen;
    }

    private int fluffPercent() {
        long percent = args.number("dandelionfluff", TxOptions.FLUFF_PERCENT_DEFAULT);
        if (percent < 0 || percent > 100) {
            throw new ArgsFault("-dandelionfluff must be 0 to 100");
        }
        return (int) percent;
    }

    private P2pOptions.Self self(ChainParams params, long services) {
        var listening = new ListenArgs(args, params);
        boolean listen = listening.listens();
        int port = listening.port();
        List<NetAddress> external =
                args.list("externalip").stream()
                        .map(text -> address(text, port, "externalip"))
                        .toList();
        return new P2pOptions.Self(
                port,
                services,
                userAgent(args),
                listen,
                args.flag("discover", listen && external.isEmpty() && !new ReachArgs(args).hides()),
                external,
                args.flag("txreconciliation", false));
    }

    private DefenceOptions defence() {
        String name = args.text("misbehaviour").orElse("core");
        MisbehaviourPolicy policy =
                switch (name) {
                    case "core" -> MisbehaviourPolicy.CORE;
                    case "score" -> MisbehaviourPolicy.SCORE;
                    case "shadow" -> MisbehaviourPolicy.SHADOW;
                    default -> throw new ArgsFault("-misbehaviour must be core, score or shadow");
                };
        return DefenceOptions.DEFAULT
                .with(policy)
                .reacting(args.flag("autodefence", DefenceOptions.DEFAULT.reacts()));
    }

    /// BIP-0014: `/weft:0.1.0(comment; comment)/`.
    static String userAgent(Args args) {
        List<String> comments = args.list("uacomment");
        for (String comment : comments) {
            if (!comment.chars().allMatch(NodeArgs::isSafe)) {
                throw new ArgsFault(
                        "User Agent comment (" + comment + ") contains unsafe characters.");
            }
        }
        String joined = comments.isEmpty() ? "" : "(" + String.join("; ", comments) + ")";
        String agent = "/weft:" + BuildVersion.current() + joined + "/";
        if (agent.length() > USER_AGENT_MAX) {
            throw new ArgsFault(
                    "Total length of network version string ("
                            + agent.length()
                            + ") exceeds maximum length ("
                            + USER_AGENT_MAX
                            + "). Reduce the number or size of uacomments.");
        }
        return agent;
    }

    private static boolean isSafe(int c) {
        return (c >= '0' && c <= '9')
                || (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || " .,;-_?@".indexOf(c) >= 0;
    }

    private P2pOptions.Limits limits() {
        P2pOptions.Limits limits =
                args.isSet("maxconnections")
                        ? P2pOptions.Limits.ofTotal(
                                Math.toIntExact(Math.max(0, args.number("maxconnections", 0))))
                        : P2pOptions.Limits.DEFAULT;
        limits = fewerInbound(limits);
        limits = targeted(limits);
        long timeout = args.number("peertimeout", limits.peerTimeout().toSeconds());
        if (timeout <= 0) {
            throw new ArgsFault("peertimeout must be a positive integer.");
        }
        try {
            Keepalive keepalive = Keepalive.named(args.text("keepalive").orElse("core"));
            return limits.withTimes(Duration.ofSeconds(timeout), keepalive)
                    .withUpload(args.bytes("maxuploadtarget", 0));
        } catch (IllegalArgumentException e) {
            throw new ArgsFault("-keepalive must be core, classic or lesson10");
        }
    }

    /// With `-maxinbound`, which takes from the share of inbound connections and adds to no other.
    private P2pOptions.Limits fewerInbound(P2pOptions.Limits limits) {
        if (!args.isSet("maxinbound")) {
            return limits;
        }
        long most = args.number("maxinbound", 0);
        if (most < 0 || most > INBOUND_MAX) {
            throw new ArgsFault("-maxinbound must be 0 to " + INBOUND_MAX);
        }
        boolean bounded = args.isSet("maxconnections");
        return limits.withInbound(bounded ? (int) Math.min(most, limits.inbound()) : (int) most);
    }

    /// With the best of the peers only; or, on a network of one machine, with more than usual.
    private P2pOptions.Limits targeted(P2pOptions.Limits limits) {
        long target = args.number("targetpeers", 0);
        int usual = limits.fullRelay();
        boolean laboratory = args.flag("allowlocal", false);
        if (target < 0 || target > (laboratory ? TARGET_MAX : usual)) {
            throw new ArgsFault(
                    "-targetpeers must be 0 to "
                            + usual
                            + ", more is for networks on one machine (-allowlocal)");
        }
        return target <= usual
                ? limits.withBest((int) target)
                : limits.withCounts((int) target, limits.blockRelay(), limits.inbound());
    }

    private List<P2pOptions.Whitelisted> whitelist() {
        var all = new ArrayList<P2pOptions.Whitelisted>();
        for (String text : args.list("whitelist")) {
            all.add(PermissionText.whitelist(text, PermissionText.implicit(args)));
        }
        return all;
    }

    private NetOptions net(ChainParams params, Path folder) {
        NetOptions standard =
                NetOptions.of(params.identity().magic(), new ListenArgs(args, params).binds());
        return new NetOptions(
                standard.magic(),
                standard.binds(),
                args.flag("v2transport", true),
                Duration.ofMillis(Math.max(1, args.number("timeout", 5_000))),
                new NetOptions.Bounds(
                        Math.toIntExact(args.number("maxreceivebuffer", 5_000) * 1_000),
                        Math.toIntExact(args.number("maxsendbuffer", 1_000) * 1_000),
                        Math.clamp(
                                args.number("inboundwork", standard.bounds().workPercent()),
                                0,
                                1_000),
                        standard.bounds().commonBytesMax()),
                new ReachArgs(args).proxies(),
                new ReachArgs(args).i2p(folder, new ListenArgs(args, params).listens()),
                new TorArgs(args, params).tor(folder),
                args.flag("natpmp", false) && new ListenArgs(args, params).listens());
    }

    static NetAddress address(String text, int port, String option) {
        try {
            return NetAddress.parse(text, port);
        } catch (IllegalArgumentException e) {
            throw new ArgsFault("Cannot resolve -" + option + " address: '" + text + "'");
        }
    }

    static Subnet subnet(String text, String option) {
        try {
            return Subnet.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ArgsFault("Invalid netmask specified in -" + option + ": '" + text + "'");
        }
    }
}
