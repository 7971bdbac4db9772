package weft.app.node;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import weft.app.BuildVersion;
import weft.app.record.FlightRecorder;
import weft.p2p.P2pOptions;
import weft.p2p.PeerEngine;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.NetGroups;
import weft.p2p.peers.BanEntry;
import weft.p2p.peers.BanList;
import weft.p2p.record.EngineStart;
import weft.p2p.record.SeededRandom;
import weft.p2p.sync.FilterSource;
import weft.p2p.sync.SyncRules;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.AddressEntry;
import weft.wire.NetworkId;

/// Makes the peer engine of a node: its address book and bans from disk, chance from the machine, and its own
/// addresses. With a recorder the engine is built as a replay builds it.
final class PeerSetup {
    private final NodeSettings settings;
    private final AddressFiles addresses;
    private final BanFile bans;
    private final Log log;

    PeerSetup(NodeSettings settings, AddressFiles addresses, BanFile bans, Log log) {
        this.settings = settings;
        this.addresses = addresses;
        this.bans = bans;
        this.log = log;
    }

    /// @param filters to serve, if there are any
    PeerEngine make(Optional<FlightRecorder> recorder, Optional<FilterSource> filters, Now now) {
        var random = new SecureRandom();
        P2pOptions.Sources sources = settings.p2p().sources();
        var groups =
                new NetGroups(
                        sources.groups().allowLocal(),
                        AsMapFile.read(settings.book().asMap(), log));
        log.info("init message: Loading P2P addresses…");
        AddrMan book = addresses.read(groups, random, log);
        Acquaintances met = addresses.readAcquaintances(log);
        log.info("init message: Loading banlist…");
        List<BanEntry> banned = bans.read(log);
        List<AddressEntry> anchors = sources.automatic() ? addresses.takeAnchors(log) : List.of();
        P2pOptions options = settings.p2p().with(sources.withGroups(groups).withAnchors(anchors));
        if (recorder.isPresent()) {
            EngineStart.Book known =
                    EngineStart.Book.of(
                            book, met, settings.params().network(), settings.book().checkEvery());
            EngineStart start = start(options, known, banned, filters.isPresent(), now);
            return recorded(start, recorder.get(), filters);
        }
        var list = new BanList(settings.book().banTime(), random);
        list.load(banned, now.unixSeconds());
        SyncRules rules = SyncRules.of(settings.params(), settings.chain().minimumChainWork());
        var memory = new PeerEngine.Memory(book, list, met);
        var engine = new PeerEngine(options, memory, rules, random, log);
        engine.measureCostsBy(new CpuTime());
        engine.quota().limitTo(settings.net().bounds().workPercent());
        learnOwn(engine);
        filters.ifPresent(engine.blocks()::serveFilters);
        return engine;
    }

    private void learnOwn(PeerEngine engine) {
        int port = engine.options().self().port();
        boolean cjdns = engine.options().access().reachable().contains(NetworkId.CJDNS);
        new OwnAddresses(cjdns, engine.locals(), log).learn(settings.net().binds(), port);
    }

    private EngineStart start(
            P2pOptions options,
            EngineStart.Book book,
            List<BanEntry> banned,
            boolean filters,
            Now now) {
        byte[] seed = new byte[SeededRandom.SEED_BYTES];
        new SecureRandom().nextBytes(seed);
        return new EngineStart(
                "weft " + BuildVersion.current(),
                EngineStart.Chain.of(settings.params(), settings.chain().minimumChainWork()),
                options,
                Bytes.wrap(seed),
                book,
                new EngineStart.Bans(settings.book().banTime(), banned),
                Map.of(),
                filters,
                now);
    }

    private PeerEngine recorded(
            EngineStart start, FlightRecorder recorder, Optional<FilterSource> filters) {
        PeerEngine engine = start.build(log);
        engine.measureCostsBy(new CpuTime());
        engine.quota().limitTo(settings.net().bounds().workPercent());
        learnOwn(engine);
        try {
            recorder.begin(start.withLocals(engine.localAddresses()));
        } catch (IOException e) {
            throw new NodeFault("Cannot write the recording: " + e.getMessage(), e);
        }
        recorder.recorder().watch(engine);
        filters.map(recorder.recorder()::filters).ifPresent(engine.blocks()::serveFilters);
        return engine;
    }
}
