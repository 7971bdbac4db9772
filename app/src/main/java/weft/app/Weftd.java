package weft.app;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.args.OptionTable;
import weft.app.args.SettingsFile;
import weft.app.log.FileLog;
import weft.app.node.LightRunner;
import weft.app.node.MockableTime;
import weft.app.node.NodeFault;
import weft.app.node.NodeRunner;
import weft.app.node.NodeSettings;
import weft.app.node.Running;
import weft.chain.RebuildNeeded;
import weft.chain.store.StoreException;
import weft.consensus.ChainParams;
import weft.crypto.Secp256k1;
import weft.net.NetException;
import weft.server.LightApi;
import weft.server.NodeApi;
import weft.server.metrics.MetricsServer;
import weft.server.stratum.StratumOptions;
import weft.server.stratum.StratumServer;
import weft.store.BlockFileOptions;
import weft.store.Disk;

/// `weftd`: a node without a screen, started and asked like `bitcoind`.
///
/// Exit codes: 0 after a clean stop, 1 with one line on standard error for everything that goes wrong.
public final class Weftd {
    private static final long GIGABYTE = 1_000_000_000;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final long startedSeconds = Instant.now().getEpochSecond();
    private volatile int exitCode;

    private Weftd() {}

    /// Runs a node until it is asked to stop.
    public static void main(String[] arguments) {
        var program = new Weftd();
        int code = program.run(arguments);
        program.exitCode = code;
        program.ended.countDown();
        System.out.flush();
        System.err.flush();
        // Not exit: threads of libraries must not hold up what has already been closed in order.
        Runtime.getRuntime().halt(code);
    }

    private static int refuse(String why) {
        System.err.println("Error: " + why);
        return 1;
    }

    private int run(String[] arguments) {
        try {
            Args args = Args.parse(arguments);
            if (args.flag("version", false)) {
                System.out.println("weft daemon version v" + BuildVersion.current());
                return 0;
            }
            if (args.flag("help", false) || args.flag("h", false) || args.flag("?", false)) {
                System.out.println(
                        "weft daemon version v"
                                + BuildVersion.current()
                                + "\n\nUsage:  weftd [options]\n");
                System.out.print(OptionTable.help());
                return 0;
            }
            if (!args.words().isEmpty()) {
                return refuse(
                        "Command line contains unexpected token '"
                                + args.words().getFirst()
                                + "', see weftd -h for a list of options.");
            }
            return runNode(args);
        } catch (ArgsFault | NodeFault | NetException | StoreException | IOException e) {
            return refuse(String.valueOf(e.getMessage()));
        } catch (RebuildNeeded e) {
            // Who starts bitcoind without a screen sees the question like this.
            System.err.println(": " + e.getMessage() + ".");
            System.err.println("Please restart with -reindex or -reindex-chainstate to recover.");
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refuse("interrupted");
        }
    }

    private int runNode(Args args) throws IOException, InterruptedException {
        Path first = args.dataFolder();
        Path dataFolder = args.readConfig(first, OptionTable::isKnown);
        args.refuseUnread(first, dataFolder);
        args.warnings().forEach(System.err::println);
        ChainParams params = ChainArgs.params(args);
        Path folder = dataFolder.resolve(params.identity().subfolder());
        Optional<SettingsFile> kept = settingsFile(args, folder);
        List<String> strange =
                kept.map(file -> args.useSettings(file, OptionTable::isKnown)).orElse(List.of());
        NodeRole role = NodeRole.apply(args);
        NodeSettings settings = NodeArgs.settings(args, params, folder);
        var time = new MockableTime();
        time.set(args.number("mocktime", 0));
        DataFolder.create(folder);
        // The lock comes first: whatever else is wrong, another node's files stay as they are.
        String mark = ChainArgs.mark(params);
        boolean light = role == NodeRole.SPV;
        try (Disk disk =
                        light
                                ? Disk.openWithoutBlocks(folder, mark, "weft")
                                : Disk.open(folder, settings.storage().blocks(), mark, "weft");
                FileLog log = LogArgs.open(args, folder, time);
                PidFile pid = PidFile.write(args, folder)) {
            disk.checkSpace(BlockFileOptions.FREE_BYTES_MIN);
            log.info("weft version v" + BuildVersion.current());
            log.info("Using secp256k1: " + Secp256k1.get().name());
            log.info("Using data directory " + folder);
            log.info("Process id file " + pid.path());
            sayNetwork(params, log);
            for (String name : strange) {
                log.warning("Ignoring unknown rw_settings value " + name);
            }
            kept.ifPresent(SettingsFile::write);
            describe(args, kept, log);
            new SourceArgs(args, params).warnings().forEach(log::info);
            var ground = new Ground(settings, role, disk, time);
            int code = light ? serveLight(args, ground, log) : serve(args, ground, log);
            log.info("Shutdown: done");
            return code;
        }
    }

    private static Optional<SettingsFile> settingsFile(Args args, Path folder) {
        return args.isNegated("settings")
                ? Optional.empty()
                : Optional.of(
                        SettingsFile.read(
                                folder.resolve(args.text("settings").orElse("settings.json"))));
    }

    /// What the node was told, for who reads the log later.
    private static void describe(Args args, Optional<SettingsFile> kept, FileLog log) {
        for (String name : args.ignoredConfig()) {
            log.warning("Ignoring unknown configuration value " + name);
        }
        args.describe().forEach(log::info);
        kept.ifPresent(
                file ->
                        file.values()
                                .forEach(
                                        (name, value) ->
                                                log.info(
                                                        "Setting file arg: "
                                                                + name
                                                                + " = "
                                                                + value)));
        for (String name : args.withoutEffect()) {
            log.info("Warning: option -" + name + " is accepted but has no effect in this version");
        }
    }

    private static void sayNetwork(ChainParams params, FileLog log) {
        switch (params.network()) {
            case SIGNET -> {
                params.signetChallenge()
                        .ifPresent(script -> log.info("Signet with challenge " + script.toHex()));
                log.info(
                        "Signet derived magic (message start): "
                                + params.identity().magic().toHex());
            }
            case TESTNET3 ->
                    log.info(
                            "Warning: Support for testnet3 is deprecated and will be removed in an"
                                    + " upcoming release. Consider switching to testnet4.");
            case MAIN, TESTNET4, REGTEST -> {}
        }
    }

    /// What a node stands on.
    private record Ground(NodeSettings settings, NodeRole role, Disk disk, MockableTime time) {}

    private int serve(Args args, Ground ground, FileLog log)
            throws IOException, InterruptedException {
        var stopper = new StopAtHeight(args.number("stopatheight", 0));
        var notify = new NotifyCommands(args, log);
        Optional<StratumOptions> stratum = StratumArgs.options(args, ground.settings.params());
        Optional<MetricsServer.Options> metrics = MetricsArgs.options(args);
        Optional<MineWhenFull> miner = MineWhenFull.of(args, ground.settings.params(), log);
        var listeners =
                new NodeRunner.Listeners(
                        event -> {
                            miner.ifPresent(each -> each.onChainEvent(event));
                            stopper.onChainEvent(event);
                            stopper.tell(event, notify);
                        },
                        event -> {});
        // A signal during the start takes effect when the node stands.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> waitForEnd(stopper), "weft-signal"));
        try (RpcService rpc =
                        RpcService.start(args, ground.settings, ground.role, startedSeconds, log);
                NodeRunner runner =
                        NodeRunner.start(
                                ground.settings, ground.disk, ground.time, listeners, log)) {
            stopper.attach(
                    runner,
                    () -> runner.chain().ask(engine -> engine.chain().warnings(engine.now())));
            NodeApi node = rpc.serve(runner, ground.time);
            miner.ifPresent(each -> each.attach(runner));
            Optional<StratumServer> miners =
                    stratum.isPresent()
                            ? Optional.of(StratumArgs.start(node, stratum.get(), log))
                            : Optional.empty();
            Optional<MetricsServer> metricsServer =
                    metrics.map(each -> MetricsArgs.start(node, runner, each, log));
            warnOfSpace(ground, runner, log);
            awaitStop(
                    runner,
                    notify,
                    () -> {
                        miners.ifPresent(StratumServer::close);
                        metricsServer.ifPresent(MetricsServer::close);
                    },
                    log);
        }
        return exitCode;
    }

    private int serveLight(Args args, Ground ground, FileLog log)
            throws IOException, InterruptedException {
        var stopper = new StopAtHeight(args.number("stopatheight", 0));
        var notify = new NotifyCommands(args, log);
        Optional<MetricsServer.Options> metrics = MetricsArgs.options(args);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> waitForEnd(stopper), "weft-signal"));
        try (RpcService rpc =
                        RpcService.start(args, ground.settings, ground.role, startedSeconds, log);
                LightRunner runner =
                        LightRunner.start(
                                ground.settings,
                                ground.disk,
                                ground.time,
                                event -> {
                                    stopper.onHeaders(event);
                                    stopper.tell(event, notify);
                                },
                                log)) {
            stopper.attach(
                    runner,
                    () -> runner.ask(light -> light.warning(ground.time.now()).stream().toList()));
            LightApi node = rpc.serve(runner, ground.time);
            Optional<MetricsServer> metricsServer =
                    metrics.map(each -> MetricsArgs.start(node, runner, each, log));
            awaitStop(runner, notify, () -> metricsServer.ifPresent(MetricsServer::close), log);
        }
        return exitCode;
    }

    /// @param closing ends what must not outlive the wish to stop
    private void awaitStop(Running runner, NotifyCommands notify, Runnable closing, FileLog log)
            throws InterruptedException {
        log.info("init message: Done loading");
        notify.started();
        Optional<Throwable> failure = runner.awaitStop();
        closing.run();
        notify.stopping();
        log.info("Shutdown: In progress...");
        if (failure.isPresent()) {
            System.err.println(
                    "Error: A fatal internal error occurred, see debug.log for details: "
                            + failure.get().getMessage());
        }
        exitCode = failure.isPresent() ? 1 : 0;
    }

    /// Before the first block comes, whether the blocks of this network will fit.
    private static void warnOfSpace(Ground ground, NodeRunner runner, FileLog log) {
        long gigabytes = ground.settings.params().trust().assumedBlockchainGb();
        Path blocks = ground.disk.blocks();
        int height = runner.chain().ask(engine -> engine.tip().height());
        if (height <= 1 && blocks.toFile().getUsableSpace() < gigabytes * GIGABYTE) {
            log.warning(
                    "Disk space for \""
                            + blocks
                            + "\" may not accommodate the block files. Approximately "
                            + gigabytes
                            + " GB of data will be stored in this directory.");
        }
    }

    /// A signal ends the program as `stop` does, and the process ends with our exit code, not the signal's.
    private void waitForEnd(StopAtHeight stopper) {
        stopper.stop();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(exitCode);
    }
}
