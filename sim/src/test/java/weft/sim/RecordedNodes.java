package weft.sim;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import weft.chain.ChainOptions;
import weft.chain.ChainStores;
import weft.chain.InlineScriptVerifier;
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
import weft.p2p.record.EngineStart;
import weft.p2p.record.RecordWriter;
import weft.p2p.record.Recorder;
import weft.p2p.record.SeededRandom;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// Makes full nodes that are recorded from their start.
final class RecordedNodes implements SimNode.Factory {
    private static final ChainParams PARAMS = ChainParams.of(Network.REGTEST);
    private static final long SERVICES = ServiceFlags.NETWORK | ServiceFlags.WITNESS;

    private final int size;
    private final Map<Integer, List<Bytes>> recordings = new TreeMap<>();

    /// @param size of the world: each has the addresses of all in its book
    RecordedNodes(int size) {
        this.size = size;
    }

    /// The pieces of a node's recording so far.
    List<Bytes> of(int index) {
        return recordings.getOrDefault(index, List.of());
    }

    @Override
    public Node make(SimNode self, SplittableRandom random) {
        var stores = new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore());
        var chain =
                new ChainEngine(
                        new ChainEngine.Parts(
                                PARAMS,
                                ChainOptions.DEFAULT,
                                MempoolOptions.DEFAULT,
                                TemplateOptions.DEFAULT,
                                stores,
                                new InlineScriptVerifier(),
                                Log.NONE));
        EngineStart start = start(self, random);
        PeerEngine peers = start.build(Log.NONE);
        var pieces = new ArrayList<Bytes>();
        recordings.put(self.index(), pieces);
        var writer = new RecordWriter();
        pieces.add(writer.start(start));
        new Recorder(handled -> pieces.add(writer.input(handled))).watch(peers);
        return new Node(peers, chain);
    }

    private EngineStart start(SimNode self, SplittableRandom random) {
        byte[] seed = new byte[SeededRandom.SEED_BYTES];
        random.nextBytes(seed);
        NetGroups groups = NetGroups.PUBLIC;
        var book = new AddrMan(AddrMan.newKey(random), groups, random.split(), Log.NONE);
        long now = World.BEGIN.getEpochSecond();
        for (int i = 0; i < size; i++) {
            NetAddress address = World.address(i);
            book.add(List.of(new AddressEntry(now, SERVICES, address)), address, 0, now);
        }
        return new EngineStart(
                "weft test",
                EngineStart.Chain.of(PARAMS, BigInteger.ZERO),
                P2pOptions.of(self.address().port(), groups),
                Bytes.wrap(seed),
                EngineStart.Book.of(book, new Acquaintances(), Network.REGTEST, self.index() % 3),
                new EngineStart.Bans(Duration.ofDays(1), List.of()),
                Map.of(self.address(), 4),
                false,
                new Now(0, World.BEGIN));
    }
}
