package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.primitives.log.Log;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.TxMessage;

/// Peers that announce a transaction so that nobody else is asked for it.
class CensorAttackTest implements SeenRed {
    private static final long START = 1_700_000_000L;
    private static final int ATTACKERS = 3;
    private static final int SPAM = 50_001;
    private static final int WORLDS = 4;

    private final Transaction tx =
            Transaction.of(
                    2,
                    List.of(new TxIn(new OutPoint(new Txid(1, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                    List.of(new TxOut(1, Bytes.EMPTY)),
                    List.of(),
                    0);
    private final InvItem announced = InvItem.wtx(tx.wtxid());
    private long spammed;

    /// A node, its attackers, and one honest peer that hears of the transaction last.
    private final class World {
        final TestPeers peers = new TestPeers();
        final Outbox out = new Outbox();
        final List<PeerId> asked = new ArrayList<>();
        final List<ChainCommand> commands = new ArrayList<>();
        final List<Peer> attackers = new ArrayList<>();
        final TxSync sync;
        final Peer honest;
        long nanos;

        World(int seed) {
            sync =
                    new TxSync(
                            TxOptions.of(TestPeers.FULL),
                            peers,
                            new SplittableRandom(seed),
                            Log.NONE);
            HeaderNode genesis =
                    HeaderNode.genesis(
                            new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, START, 0, 0),
                            BigInteger.TWO);
            sync.onChainEvent(
                    new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false),
                    now(),
                    out);
            for (int i = 0; i < ATTACKERS; i++) {
                attackers.add(peer(i));
            }
            honest = peer(99);
        }

        Now now() {
            return new Now(nanos, Instant.ofEpochSecond(START).plusNanos(nanos));
        }

        Peer peer(int id) {
            Peer peer = peers.add(id, TestPeers.Spec.of(ConnectionType.INBOUND));
            sync.onReady(peer, now(), out);
            return peer;
        }

        void announce(Peer from, List<InvItem> items) {
            sync.onMessage(from, new Inv(items), now(), out);
            drain();
        }

        /// As much as it takes to push one announcement out of any list, and that one again.
        void spam(Peer attacker, int count) {
            announce(attacker, List.of(announced));
            var items = new ArrayList<InvItem>();
            for (int i = 0; i < count; i++) {
                items.add(InvItem.wtx(new Wtxid(spammed++, 1, 1, 1)));
                if (items.size() == InvItem.MAX_PER_MESSAGE) {
                    announce(attacker, items);
                    items.clear();
                }
            }
            items.add(announced);
            announce(attacker, items);
            assertThat(sync.stats(attacker.id()).announced()).isLessThanOrEqualTo(5_000);
        }

        void advance(long seconds) {
            nanos += seconds * 1_000_000_000L;
            sync.onTick(now(), out);
            drain();
        }

        private void drain() {
            for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
                if (each instanceof PeerOutput.Send(PeerId to, GetData(List<InvItem> items))) {
                    items.stream()
                            .filter(item -> item.hash().equals(announced.hash()))
                            .forEach(item -> asked.add(to));
                } else if (each instanceof PeerOutput.Chain(ChainCommand command)) {
                    commands.add(command);
                }
            }
        }
    }

    @Test
    @DisplayName("E05 three peers announce a transaction, 50,001 others, and never send it")
    @Sabotage(
            type = "weft.p2p.tx.TxDownload",
            method = "request",
            constant = "60000000000>120000000000")
    @Sabotage(
            type = "weft.p2p.tx.TxRequestTracker",
            method = "announced",
            call = "contains",
            returns = "false")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "track", constant = "5000>50000")
    void shouldGetATransactionFromWhoHasItAfterAMinuteAnAttacker() {
        int attackersAsked = 0;
        for (int seed = 0; seed < WORLDS; seed++) {
            var world = new World(seed);
            world.attackers.forEach(each -> world.spam(each, SPAM));
            world.announce(world.honest, List.of(announced));
            int seconds = 0;
            while (!world.asked.contains(world.honest.id()) && seconds < 1_000) {
                world.advance(1);
                seconds++;
                if (seconds % 59 == 0) {
                    world.attackers.forEach(each -> world.spam(each, 1_000));
                }
            }
            assertThat(world.asked).as("nobody twice").doesNotHaveDuplicates();
            assertThat(seconds).isLessThanOrEqualTo(2 + 60 * (world.asked.size() - 1));
            world.sync.onMessage(world.honest, TxMessage.of(tx), world.now(), world.out);
            world.drain();
            assertThat(world.commands)
                    .containsExactly(
                            new ChainCommand.SubmitTx(new Origin(world.honest.id().value()), tx));
            assertThat(world.peers.actions).isEmpty();
            attackersAsked = Math.max(attackersAsked, world.asked.size() - 1);
        }
        assertThat(attackersAsked).as("else nothing was tried").isEqualTo(ATTACKERS);
    }
}
