package weft.sim;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import weft.chain.ChainOptions;
import weft.chain.ChainStores;
import weft.chain.InlineScriptVerifier;
import weft.chain.ScriptVerifier;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.mempool.MempoolOptions;
import weft.mining.TemplateOptions;
import weft.node.ChainEngine;
import weft.node.Node;
import weft.p2p.P2pOptions;
import weft.p2p.PeerEngine;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.NetGroups;
import weft.p2p.peers.BanList;
import weft.p2p.sync.SyncRules;
import weft.primitives.log.Log;

/// Makes full nodes on regtest for a simulated world: the program's engines on memory for disks. What a node
/// has on its disk, the chain and the address book, survives its restarts.
public final class FullNodes implements SimNode.Factory {
    private static final Duration BAN_TIME = Duration.ofHours(24);

    private final BiFunction<SimNode, P2pOptions, P2pOptions> options;
    private final Function<SimNode, ScriptVerifier> scripts;
    private final Map<Integer, Disk> disks = new HashMap<>();
    private boolean mempoolChecks;
    private Function<SimNode, Log> logs = _ -> Log.NONE;
    private Supplier<ChainStores> birth =
            () -> new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore());

    /// What survives a restart.
    private record Disk(ChainStores stores, AddrMan book, BanList bans, Acquaintances met) {}

    /// Nodes with changed settings.
    ///
    /// @param options makes the settings of a node from those that it would have
    public FullNodes(BiFunction<SimNode, P2pOptions, P2pOptions> options) {
        this(options, _ -> new InlineScriptVerifier());
    }

    /// Nodes with changed settings and judgement.
    ///
    /// @param options makes the settings of a node from those that it would have
    /// @param scripts what a node runs scripts with; who passes them all makes a node that accepts what is
    ///     invalid
    public FullNodes(
            BiFunction<SimNode, P2pOptions, P2pOptions> options,
            Function<SimNode, ScriptVerifier> scripts) {
        this.options = options;
        this.scripts = scripts;
    }

    /// Nodes that are born from now on have its chain.
    ///
    /// @return this
    public FullNodes bornWith(Treasury treasury) {
        birth = treasury::copy;
        return this;
    }

    /// Nodes that start from now on look at their whole mempool after every change of it, and fail if
    /// anything in it is wrong.
    ///
    /// @return this
    public FullNodes checkingMempools() {
        mempoolChecks = true;
        return this;
    }

    /// Peer engines of nodes that start from now on have logs.
    void listeningBy(Function<SimNode, Log> ears) {
        logs = ears;
    }

    @Override
    public Node make(SimNode self, SplittableRandom random) {
        ChainParams params = ChainParams.of(Network.REGTEST);
        Disk disk = disks.computeIfAbsent(self.index(), index -> blank(random));
        var chain =
                new ChainEngine(
                        new ChainEngine.Parts(
                                params,
                                ChainOptions.DEFAULT,
                                MempoolOptions.DEFAULT,
                                TemplateOptions.DEFAULT,
                                disk.stores,
                                scripts.apply(self),
                                Log.NONE));
        P2pOptions standard = standard(self);
        if (mempoolChecks) {
            chain.checkMempoolEvery(1);
        }
        var peers =
                new PeerEngine(
                        options.apply(self, standard),
                        new PeerEngine.Memory(disk.book, disk.bans, disk.met),
                        SyncRules.of(params),
                        random,
                        logs.apply(self));
        return new Node(peers, chain);
    }

    /// Every node knows its own address, as an operator would tell it.
    private static P2pOptions standard(SimNode self) {
        P2pOptions options = P2pOptions.of(self.address().port(), NetGroups.PUBLIC);
        P2pOptions.Self us = options.self();
        return options.with(
                new P2pOptions.Self(
                        us.port(),
                        us.services(),
                        us.userAgent(),
                        us.listen(),
                        us.discover(),
                        List.of(self.address()),
                        us.txReconciliation()));
    }

    private Disk blank(SplittableRandom random) {
        return new Disk(
                birth.get(),
                new AddrMan(AddrMan.newKey(random), NetGroups.PUBLIC, random.split(), Log.NONE),
                new BanList(BAN_TIME, random.split()),
                new Acquaintances());
    }

    /// Whom a node has banned or thinks badly of.
    public BanList bans(SimNode node) {
        Disk disk = disks.get(node.index());
        return weft.primitives.Check.present(disk, "the node was started once").bans;
    }

    /// The address book that a node has on its disk.
    public AddrMan book(SimNode node) {
        Disk disk = disks.get(node.index());
        return weft.primitives.Check.present(disk, "the node was started once").book;
    }
}
