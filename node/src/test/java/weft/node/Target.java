package weft.node;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.chain.ChainOptions;
import weft.chain.ChainStores;
import weft.chain.InlineScriptVerifier;
import weft.chain.ScriptVerifier;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.Network;
import weft.consensus.Subsidy;
import weft.consensus.WitnessCommitment;
import weft.mempool.MempoolOptions;
import weft.mining.Solver;
import weft.mining.TemplateOptions;
import weft.p2p.ConnectionType;
import weft.p2p.DialId;
import weft.p2p.P2pOptions;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TransportVersion;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.NetGroups;
import weft.p2p.peers.BanList;
import weft.p2p.sync.SyncRules;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;
import weft.wire.BlockMessage;
import weft.wire.GetData;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// A full node under attack: the program's engines on memory for disks, peers whose bytes a test drives, a
/// clock that a test turns.
final class Target {
    static final long COIN = 50 * Amount.SATOSHIS_PER_BITCOIN;

    /// Anyone may spend it.
    static final Bytes OPEN = Bytes.parse("51");

    private static final NetAddress LOCAL = NetAddress.ofIp(new byte[] {9, 9, 9, 9}, 18_444);

    final ChainParams params;
    final MemoryKeyValueStore database;
    final MemoryBlockStore blocks;
    final Node node;
    private final ChainOptions options;
    private final BanList bans;
    private final Map<PeerId, FakePeer> peers = new TreeMap<>();

    /// What left for peers that read.
    private final ArrayDeque<PeerInput> left = new ArrayDeque<>();

    /// How far its clock is ahead of the right time.
    long skewSeconds;

    private long nanos = 3_600_000_000_000L;
    private int nextPeer;
    private @Nullable DialId dial;

    /// A mempool that takes transactions of any form.
    static final MempoolOptions LAX =
            MempoolOptions.DEFAULT.withForm(MempoolOptions.DEFAULT.form().withStandardOnly(false));

    /// What becomes of a peer.
    enum Fate {
        KEPT,
        DISCONNECTED,
        DISCOURAGED
    }

    Target() {
        this(ChainParams.of(Network.REGTEST), ChainOptions.DEFAULT);
    }

    Target(ChainParams params, ChainOptions options) {
        this(
                params,
                options,
                new MemoryKeyValueStore(),
                new MemoryBlockStore(),
                new InlineScriptVerifier());
    }

    Target(
            ChainParams params,
            ChainOptions options,
            MemoryKeyValueStore database,
            MemoryBlockStore blocks,
            ScriptVerifier scripts) {
        this(params, options, database, blocks, scripts, LAX);
    }

    private Target(
            ChainParams params,
            ChainOptions options,
            MemoryKeyValueStore database,
            MemoryBlockStore blocks,
            ScriptVerifier scripts,
            MempoolOptions mempool) {
        this.params = params;
        this.options = options;
        this.database = database;
        this.blocks = blocks;
        var random = new SplittableRandom(5);
        var chain =
                new ChainEngine(
                        new ChainEngine.Parts(
                                params,
                                options,
                                mempool,
                                TemplateOptions.DEFAULT,
                                new ChainStores(database, blocks),
                                scripts,
                                Log.NONE));
        P2pOptions all = P2pOptions.of(18_444, NetGroups.PUBLIC);
        bans = new BanList(java.time.Duration.ofDays(1), random.split());
        var book = new AddrMan(AddrMan.newKey(random), NetGroups.PUBLIC, random.split(), Log.NONE);
        var engine =
                new PeerEngine(
                        all.with(all.sources().quiet()),
                        new PeerEngine.Memory(book, bans, new Acquaintances()),
                        SyncRules.of(params, BigInteger.ZERO),
                        random,
                        Log.NONE);
        node = new Node(engine, chain);
        node.start(now(), this::apply);
    }

    /// A node on regtest with another mempool.
    static Target with(MempoolOptions mempool, ScriptVerifier scripts) {
        return new Target(
                ChainParams.of(Network.REGTEST),
                ChainOptions.DEFAULT,
                new MemoryKeyValueStore(),
                new MemoryBlockStore(),
                scripts,
                mempool);
    }

    /// The same node after it was switched off and on again.
    Target restarted() {
        node.onChain(now(), (engine, now, events) -> engine.chain().flush(now), this::apply);
        var again =
                new Target(
                        params,
                        options,
                        database.copy(),
                        blocks.copy(),
                        new InlineScriptVerifier());
        again.nanos = nanos;
        return again;
    }

    Now now() {
        Instant right = Instant.parse("2026-01-01T00:00:00Z").plusNanos(nanos);
        return new Now(nanos, right.plusSeconds(skewSeconds));
    }

    /// Time passes.
    void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            nanos += 1_000_000_000L;
            input(new PeerInput.Tick());
        }
    }

    BlockHash tip() {
        return node.chain().tip().hash();
    }

    int height() {
        return node.chain().tip().height();
    }

    private void input(PeerInput input) {
        node.handle(input, now(), this::apply);
        for (PeerInput each = left.poll(); each != null; each = left.poll()) {
            node.handle(each, now(), this::apply);
        }
    }

    private void apply(PeerOutput output) {
        switch (output) {
            case PeerOutput.Send(PeerId id, Message message) -> {
                FakePeer peer = peers.get(id);
                if (peer != null) {
                    peer.heard.add(message);
                    if (peer.isReading) {
                        left.add(new PeerInput.Sent(id, message.command(), 24, 0));
                    }
                }
            }
            case PeerOutput.Disconnect(PeerId id, String why) -> {
                FakePeer peer = peers.get(id);
                if (peer != null && peer.closedWhy == null) {
                    peer.closedWhy = why;
                }
            }
            case PeerOutput.Connect connect -> dial = connect.dial();
            default -> {}
        }
    }

    /// One connection to the node, the other end in the test's hands.
    final class FakePeer {
        final NetAddress address;
        final List<Message> heard = new ArrayList<>();

        /// Whether what is sent to it arrives; else it waits on our side.
        boolean isReading = true;

        private final PeerId id;
        private @Nullable String closedWhy;
        private boolean goneTold;

        private FakePeer(int number) {
            id = new PeerId(number);
            byte[] ip = {5, (byte) number, (byte) (1 + (number >> 8)), 1};
            address = NetAddress.ofIp(ip, 50_000);
        }

        /// Sends messages as bytes, as a socket would hand them over.
        void sends(Message... messages) {
            for (Message message : messages) {
                sendsBytes(message.command(), MessageCodec.encode(message));
            }
        }

        void sendsBytes(String command, Bytes written) {
            // As long as it is on the wire, as a transport hands it over.
            Bytes payload = written.compact();
            if (closedWhy == null) {
                PeerInput input;
                try {
                    Message message = MessageCodec.decode(command, payload, Negotiated.CURRENT);
                    int wire = payload.length() + 24;
                    input = new PeerInput.Received(id, message, payload.length(), wire);
                } catch (MalformedBytes e) {
                    input =
                            new PeerInput.Malformed(
                                    id,
                                    command,
                                    payload.length(),
                                    payload.length() + 24,
                                    e.toString());
                }
                input(input);
            }
            if (closedWhy != null && !goneTold) {
                goneTold = true;
                input(new PeerInput.Disconnected(id, closedWhy, false));
            }
        }

        void sends(Block block) {
            sends(BlockMessage.of(block));
        }

        void sends(Transaction tx) {
            sends(TxMessage.of(tx));
        }

        Fate fate() {
            if (closedWhy == null) {
                return Fate.KEPT;
            }
            return bans.isDiscouraged(address) ? Fate.DISCOURAGED : Fate.DISCONNECTED;
        }

        /// Why the node hung up; empty if it did not.
        String why() {
            return closedWhy == null ? "" : closedWhy;
        }

        /// Whether the node has asked this peer for a block.
        boolean isAskedFor(Block block) {
            return heard.stream()
                    .filter(GetData.class::isInstance)
                    .flatMap(message -> ((GetData) message).items().stream())
                    .anyMatch(item -> item.isGenBlock() && item.blockHash().equals(block.hash()));
        }

        /// Reads all that waits.
        void reads() {
            isReading = true;
            input(new PeerInput.Sent(id, "", 24, 0));
        }

        /// It hangs up.
        void leaves() {
            if (closedWhy == null) {
                closedWhy = "hung up";
                goneTold = true;
                input(new PeerInput.Disconnected(id, closedWhy, false));
            }
        }

        /// Whether the node answers.
        boolean isServed() {
            heard.clear();
            sends(new Ping(OptionalLong.of(77)));
            return heard.stream().anyMatch(Pong.class::isInstance);
        }
    }

    /// A peer that has shaken hands.
    FakePeer peer() {
        return peer(PeerPermissions.NONE);
    }

    /// Somebody who has dialled us and said nothing yet.
    FakePeer stranger() {
        var peer = new FakePeer(nextPeer++);
        peers.put(peer.id, peer);
        input(new PeerInput.Accepted(peer.id, peer.address, LOCAL, false, PeerPermissions.NONE));
        input(new PeerInput.TransportReady(peer.id, TransportVersion.V1, Bytes.EMPTY));
        return peer;
    }

    /// A peer that has shaken hands and may do more than others.
    FakePeer peer(PeerPermissions permissions) {
        var peer = new FakePeer(nextPeer++);
        peers.put(peer.id, peer);
        input(new PeerInput.Accepted(peer.id, peer.address, LOCAL, false, permissions));
        shakeHands(peer, now().unixSeconds());
        return peer;
    }

    /// A peer that dialled us and whose clock shows this.
    FakePeer peerWithClock(long unixSeconds) {
        var peer = new FakePeer(nextPeer++);
        peers.put(peer.id, peer);
        input(new PeerInput.Accepted(peer.id, peer.address, LOCAL, false, PeerPermissions.NONE));
        shakeHands(peer, unixSeconds);
        return peer;
    }

    /// A peer that the node dialled.
    FakePeer dialled() {
        var peer = new FakePeer(nextPeer++);
        peers.put(peer.id, peer);
        input(
                new PeerInput.Command(
                        new PeerCommand.OpenConnection(
                                peer.address.toString(),
                                ConnectionType.OUTBOUND_FULL_RELAY,
                                false)));
        input(
                new PeerInput.Connected(
                        peer.id,
                        weft.primitives.Check.present(dial, "it dials"),
                        peer.address,
                        LOCAL));
        shakeHands(peer, now().unixSeconds());
        return peer;
    }

    private void shakeHands(FakePeer peer, long unixSeconds) {
        input(new PeerInput.TransportReady(peer.id, TransportVersion.V1, Bytes.EMPTY));
        peer.sends(hello(unixSeconds), new WtxidRelay(), new Verack());
    }

    /// What a full node says of itself.
    VersionMessage hello(long unixSeconds) {
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        return new VersionMessage(
                Negotiated.PROTOCOL_VERSION,
                ServiceFlags.NETWORK | ServiceFlags.WITNESS,
                unixSeconds,
                nowhere,
                nowhere,
                1 + nextPeer,
                "/fake:1/",
                0,
                true);
    }

    // ---- making blocks

    /// Mines empty blocks.
    void mine(int count) {
        for (int i = 0; i < count; i++) {
            node.onChain(now(), (engine, now, events) -> mineOne(engine, now, events), this::apply);
        }
    }

    private void mineOne(
            ChainEngine engine,
            Now now,
            java.util.function.Consumer<weft.chain.api.ChainEvent> events) {
        engine.during(now, events);
        engine.mine(1, OPEN, 10_000);
    }

    /// A block on the tip, with a coinbase of the right value if no fees are paid.
    Block block(List<Transaction> txs) {
        return block(node.chain().tip().header(), coinbase(height() + 1, 0, 0), txs);
    }

    /// A header on another one, with work and any time.
    BlockHeader headerOn(BlockHash parent, Digest256 root, long time, int version) {
        long bits = params.genesis().header().bits();
        var header = new BlockHeader(version, parent, root, time, bits, 0);
        return Solver.solve(Block.of(header, List.of(coinbase(1, 0, 0))), 10_000, params)
                .orElseThrow()
                .header();
    }

    /// An empty block on the tip with another time than now.
    Block blockAt(long unixSeconds) {
        BlockHeader parent = node.chain().tip().header();
        return block(parent, coinbase(height() + 1, 0, 0), List.of(), unixSeconds);
    }

    Block block(BlockHeader parent, Transaction coinbase, List<Transaction> txs) {
        return block(parent, coinbase, txs, Math.max(parent.time() + 1, now().unixSeconds()));
    }

    private Block block(
            BlockHeader parent, Transaction coinbase, List<Transaction> txs, long time) {
        var all = new ArrayList<Transaction>();
        all.add(coinbase);
        all.addAll(txs);
        long bits = params.genesis().header().bits();
        var draft = new BlockHeader(0x20000000, parent.hash(), Digest256.ZERO, time, bits, 0);
        if (txs.stream().anyMatch(Transaction::hasWitness)) {
            all.set(0, committing(coinbase, Block.of(draft, all)));
        }
        Digest256 root = MerkleRoot.of(Block.of(draft, all)).root();
        var header = new BlockHeader(draft.version(), draft.parent(), root, time, bits, 0);
        return Solver.solve(Block.of(header, all), 10_000, params).orElseThrow();
    }

    private static Transaction committing(Transaction coinbase, Block draft) {
        Bytes nonce = Bytes.wrap(new byte[Digest256.BYTES]);
        var outputs = new ArrayList<>(coinbase.outputs());
        outputs.add(new TxOut(0, WitnessCommitment.script(WitnessCommitment.of(draft, nonce))));
        return Transaction.of(
                1, coinbase.inputs(), outputs, List.of(Witness.of(nonce)), coinbase.lockTime());
    }

    Transaction coinbase(int height, int unique, long extra) {
        Bytes script =
                BlockCheck.heightPush(height)
                        .plus(Bytes.wrap(new byte[] {0, (byte) unique, (byte) (unique >> 8)}));
        return Transaction.of(
                1,
                List.of(new TxIn(OutPoint.NULL, script, TxIn.SEQUENCE_FINAL)),
                List.of(new TxOut(Subsidy.at(height, params) + extra, OPEN)),
                List.of(),
                0);
    }

    /// The coin of a coinbase on the active chain.
    OutPoint coinbaseOf(int height) {
        var chain = node.chain().chain();
        var at = weft.primitives.Check.present(chain.chain().tip().ancestor(height), "mined");
        return out(chain.block(at).orElseThrow().transactions().getFirst());
    }

    /// The first output.
    static OutPoint out(Transaction tx) {
        return new OutPoint(tx.txid(), 0);
    }

    /// Spends an open output; padded, for a transaction of 64 bytes is another matter.
    static Transaction spend(OutPoint coin, long... values) {
        return spend(1, coin, 0, 0, values);
    }

    static Transaction spend(
            long version, OutPoint coin, long sequence, long lockTime, long... values) {
        var outputs = new ArrayList<TxOut>();
        for (long value : values) {
            outputs.add(new TxOut(value, OPEN));
        }
        outputs.add(new TxOut(0, Bytes.parse("6a03616263")));
        return Transaction.of(
                version,
                List.of(new TxIn(coin, Bytes.EMPTY, sequence)),
                outputs,
                List.of(),
                lockTime);
    }
}
