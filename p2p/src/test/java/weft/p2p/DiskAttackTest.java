package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockMessage;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.InvType;

/// Everybody asks for old blocks at once.
class DiskAttackTest implements SeenRed {
    private static final int TIP = 2_000;

    /// As many as the node lets in, without one.
    private static final int PEERS = 124;

    private static final int ASKED = 1_000;

    /// Four blocks are more than a megabyte, three are not.
    private static final int BLOCK_BYTES = 300_000;

    private static final int AT_ONCE = 4;

    private final EngineWorld world = new EngineWorld(1, EngineWorld.quiet());
    private final List<HeaderNode> chain = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(1);

    /// What makes each block large.
    private final Transaction large =
            Transaction.of(
                    2,
                    List.of(new TxIn(OutPoint.NULL, Bytes.EMPTY, 0)),
                    List.of(new TxOut(0, Bytes.wrap(new byte[BLOCK_BYTES]))),
                    List.of(),
                    0);

    DiskAttackTest() {
        var first = new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_600_000_000, 0, 0);
        chain.add(HeaderNode.genesis(first, BigInteger.TWO));
        while (chain.size() <= TIP) {
            HeaderNode last = chain.getLast();
            var header = new BlockHeader(1, last.hash(), Digest256.ZERO, 1_600_000_000, 0, 0);
            chain.add(HeaderNode.of(header, header.hash(), last, BigInteger.TWO));
        }
        world.input(
                new PeerInput.Chain(new ChainEvent.Loaded(chain, chain, chain.getLast(), false)));
    }

    private GetData old(int count) {
        var items = new ArrayList<InvItem>();
        while (items.size() < count) {
            BlockHash hash = chain.get(1 + random.nextInt(TIP / 2)).hash();
            var plain = new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3());
            items.add(InvItem.of(InvType.WITNESS_BLOCK, plain));
        }
        return new GetData(items);
    }

    /// The chain engine reads what it was asked for.
    ///
    /// @return how many blocks that was
    private int read() {
        List<ChainCommand.FetchBlock> all =
                world.commands.stream()
                        .filter(ChainCommand.FetchBlock.class::isInstance)
                        .map(ChainCommand.FetchBlock.class::cast)
                        .toList();
        world.commands.clear();
        assertThat(all.stream().map(ChainCommand.FetchBlock::origin))
                .as("one at a time for each")
                .doesNotHaveDuplicates();
        for (ChainCommand.FetchBlock each : all) {
            HeaderNode node =
                    chain.stream()
                            .filter(one -> one.hash().equals(each.hash()))
                            .findFirst()
                            .orElseThrow();
            Block block = Block.of(node.header(), List.of(large));
            world.input(
                    new PeerInput.Chain(
                            new ChainEvent.BlockFetched(
                                    each.origin(), each.hash(), Optional.of(block))));
        }
        return all.size();
    }

    /// Reads until nobody wants more, and no more often than some figure.
    private int readAll(int most) {
        int sum = 0;
        for (int count = read(); count > 0 && sum <= most; count = read()) {
            sum += count;
        }
        return sum;
    }

    @Test
    @DisplayName(
            "C12 124 peers that ask for 1,000 old blocks each and take none, and one that does")
    @Sabotage(
            type = "weft.p2p.sync.BlockServer",
            method = "send",
            constant = "1000000>1000000000000")
    @Sabotage(
            type = "weft.p2p.sync.BlockServer",
            method = "onSendQueue",
            constant = "1000000>1000000000000")
    void shouldReadNoMoreThanIsTaken() {
        EngineWorld.FakePeer honest = world.accept("9.9.9.9:5000").handshake();
        var attackers = new ArrayList<EngineWorld.FakePeer>();
        for (int i = 0; i < PEERS; i++) {
            attackers.add(world.accept("1." + i + ".3.4:5000").handshake());
            attackers.getLast().isReading = false;
        }
        attackers.forEach(each -> each.sends(old(ASKED)));
        honest.sends(old(AT_ONCE));
        // Whoever reads waits for one block of each of the others at most, and has all that he
        // asked for.
        assertThat(read()).isEqualTo(PEERS + 1);
        assertThat(honest.count(BlockMessage.class)).isEqualTo(1);
        int more = (PEERS + 1) * (AT_ONCE - 1);
        assertThat(readAll(more)).isEqualTo(more);
        assertThat(world.peers.values())
                .allMatch(each -> each.count(BlockMessage.class) == AT_ONCE && !each.closed);
        // What they take makes room for as much again.
        EngineWorld.FakePeer one = attackers.getFirst();
        int room = 2 * BLOCK_BYTES;
        world.input(new PeerInput.Sent(one.id, "block", room, room));
        assertThat(readAll(AT_ONCE)).isEqualTo(2);
        world.input(new PeerInput.Sent(one.id, "block", BLOCK_BYTES, 4 * BLOCK_BYTES));
        assertThat(readAll(AT_ONCE)).isZero();
        assertThat(world.peers.values()).noneMatch(each -> each.closed);
    }
}
