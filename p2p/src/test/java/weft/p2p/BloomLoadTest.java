package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.consensus.MerkleRoot;
import weft.p2p.bloom.BloomFilter;
import weft.p2p.sync.SyncOptions;
import weft.p2p.tx.TxOptions;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.FilterLoad;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.MerkleBlock;
import weft.wire.Message;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.ServiceFlags;

/// Many who have many blocks filtered.
class BloomLoadTest implements SeenRed {
    private static final int ATTACKERS = 20;
    private static final int REQUESTS = 1_000;
    private static final int BLOCKS = 20;
    private static final int TRANSACTIONS = 50;

    /// Matches nothing, so that answers are short.
    private static final FilterLoad NOTHING =
            BloomFilter.sized(10, 0.000_001, 0, BloomFilter.UPDATE_NONE).message();

    private final List<HeaderNode> chain = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();
    private final List<EngineWorld.FakePeer> attackers = new ArrayList<>();
    private long uploadBytesADay;

    private P2pOptions options() {
        P2pOptions quiet = EngineWorld.quiet();
        P2pOptions.Self self = quiet.self();
        P2pOptions.Limits limits = quiet.limits();
        long services = self.services() | ServiceFlags.BLOOM;
        return new P2pOptions(
                new P2pOptions.Self(
                        self.port(), services, self.userAgent(), true, false, List.of(), false),
                new P2pOptions.Limits(
                        limits.fullRelay(),
                        limits.blockRelay(),
                        limits.inbound(),
                        limits.peerTimeout(),
                        limits.keepalive(),
                        uploadBytesADay),
                quiet.sources(),
                quiet.access(),
                SyncOptions.of(services),
                TxOptions.of(services));
    }

    private static Transaction tx(int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(number, Bytes.EMPTY)),
                List.of(),
                0);
    }

    /// A node with a chain, of which it has the last blocks in memory and all others on disk.
    private EngineWorld world() {
        var world = new EngineWorld(9, options());
        var first = new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000, 0, 0);
        chain.add(HeaderNode.genesis(first, BigInteger.TWO));
        blocks.add(Block.of(first, List.of(tx(0))));
        HeaderNode genesis = chain.getFirst();
        chain(world, new ChainEvent.Loaded(chain, List.of(genesis), genesis, false));
        for (int height = 1; height <= BLOCKS; height++) {
            connect(world, height);
        }
        world.commands.clear();
        return world;
    }

    private void connect(EngineWorld world, int height) {
        var txs = new ArrayList<Transaction>();
        for (int i = 0; i < TRANSACTIONS; i++) {
            txs.add(tx(1_000 * height + i));
        }
        Digest256 root = MerkleRoot.of(txs.stream().map(Transaction::txid).toList()).root();
        HeaderNode parent = chain.getLast();
        var header = new BlockHeader(1, parent.hash(), root, 1_700_000_000 + height, 0, 0);
        HeaderNode node = HeaderNode.of(header, header.hash(), parent, BigInteger.TWO);
        Block block = Block.of(header, txs);
        chain.add(node);
        blocks.add(block);
        chain(world, new ChainEvent.HeadersAccepted(Origin.SELF, List.of(node), List.of(node)));
        chain(world, new ChainEvent.BlockStored(Origin.SELF, node, true));
        chain(world, new ChainEvent.BlockConnected(node, block));
        chain(world, new ChainEvent.TipChanged(parent, node, parent, false));
    }

    private static void chain(EngineWorld world, ChainEvent event) {
        world.input(new PeerInput.Chain(event));
    }

    /// Asks for blocks from the tip down, again and again.
    private GetData wanted() {
        var items = new ArrayList<InvItem>();
        for (int i = 0; i < REQUESTS; i++) {
            BlockHash hash = chain.get(BLOCKS - i % BLOCKS).hash();
            items.add(new InvItem(InvType.FILTERED_BLOCK, Digest256.of(hash.toByteArray())));
        }
        return new GetData(items);
    }

    private void attack(EngineWorld world, int count) {
        for (int i = 0; i < count; i++) {
            EngineWorld.FakePeer peer = world.accept("1." + i + ".3.4:5000").handshake();
            attackers.add(peer);
            // What it reads and when is up to the test.
            peer.isReading = false;
            peer.sends(NOTHING, wanted());
        }
    }

    /// The disk answers what was asked of it until now, and time goes on for a moment.
    ///
    /// @return how much it was asked
    private int turn(EngineWorld world) {
        List<ChainCommand> asked = List.copyOf(world.commands);
        world.commands.clear();
        for (ChainCommand each : asked) {
            if (each instanceof ChainCommand.FetchBlock(Origin origin, BlockHash hash)) {
                Optional<Block> found =
                        blocks.stream().filter(block -> block.hash().equals(hash)).findFirst();
                chain(world, new ChainEvent.BlockFetched(origin, hash, found));
            }
        }
        world.input(new PeerInput.Tick());
        return asked.size();
    }

    private static int answers(EngineWorld.FakePeer peer) {
        return peer.count(MerkleBlock.class);
    }

    private static void isServed(EngineWorld.FakePeer honest) {
        honest.received.clear();
        honest.sends(Ping.of(5));
        assertThat(honest.got(Pong.class)).isTrue();
        assertThat(honest.closed).isFalse();
    }

    @Test
    @DisplayName("C09 twenty peers have a thousand blocks filtered each: one at a time")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "takesATurn", returns = "false")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "serve", flips = 1)
    void shouldFilterOneBlockATurn() {
        EngineWorld world = world();
        EngineWorld.FakePeer honest = world.accept("99.1.2.3:5000").handshake();
        attack(world, ATTACKERS);
        var before = new int[ATTACKERS];
        for (int turns = 0; turns < 3_000; turns++) {
            assertThat(turn(world)).as("reads of the disk").isLessThanOrEqualTo(ATTACKERS);
            attackers.forEach(each -> world.input(new PeerInput.Sent(each.id, "", 0, 0)));
            boolean isDone = true;
            for (int i = 0; i < ATTACKERS; i++) {
                int now = answers(attackers.get(i));
                assertThat(now - before[i]).as("blocks in a turn").isLessThanOrEqualTo(4);
                before[i] = now;
                isDone &= now == REQUESTS;
            }
            isServed(honest);
            if (isDone) {
                break;
            }
        }
        assertThat(attackers).allMatch(each -> answers(each) == REQUESTS && !each.closed);
    }

    private static long bytes(EngineWorld.FakePeer peer) {
        return peer.received.stream().map(Message::payload).mapToLong(Bytes::length).sum();
    }

    @Test
    @DisplayName("C09 filtered blocks for who does not read: no more than a megabyte")
    @Sabotage(
            type = "weft.p2p.sync.BlockServer",
            method = "send",
            constant = "1000000>1000000000000")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "bytesOf", returns = "0")
    void shouldFilterNothingForOneWhoDoesNotRead() {
        EngineWorld world = world();
        EngineWorld.FakePeer honest = world.accept("99.1.2.3:5000").handshake();
        attack(world, 2);
        for (int i = 0; i < 14; i++) {
            attackers.forEach(each -> each.sends(wanted()));
        }
        for (int turns = 0; turns < 12 * REQUESTS; turns++) {
            turn(world);
        }
        isServed(honest);
        assertThat(attackers).allMatch(each -> !each.closed && answers(each) > 1_000);
        assertThat(attackers).allMatch(each -> bytes(each) < 1_100_000);
    }

    @Test
    @DisplayName("C09 filtered blocks when the upload target is reached")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "isAllowed", flips = 4)
    void shouldFilterNothingAboveTheUploadTarget() {
        uploadBytesADay = 1_000_000;
        EngineWorld world = world();
        EngineWorld.FakePeer honest = world.accept("99.1.2.3:5000").handshake();
        world.advance(java.time.Duration.ofSeconds(1));
        attack(world, ATTACKERS);
        turn(world);
        assertThat(attackers).allMatch(each -> answers(each) == 0 && each.closed);
        assertThat(world.logged("historical block serving limit reached")).isTrue();
        isServed(honest);
    }
}
