package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.defence.WorkQuota;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.CmpctBlock;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Message;
import weft.wire.Ping;
import weft.wire.TxMessage;

/// What inbound peers are charged for; each look at the processor's clock is 50 microseconds after the last.
class WorkMeterTest implements SeenRed {
    private static final long LOOK = 50_000;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final BlockHeader GENESIS =
            new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000L, 0, 0);

    private final EngineWorld world = new EngineWorld(7, EngineWorld.quiet());
    private final WorkQuota quota = world.engine.quota();
    private final AtomicLong clock = new AtomicLong();
    private final HeaderNode genesis = HeaderNode.genesis(GENESIS, BigInteger.TWO);

    WorkMeterTest() {
        world.engine.measureCostsBy(() -> clock.addAndGet(LOOK));
        say(new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false));
    }

    private void say(ChainEvent event) {
        world.input(new PeerInput.Chain(event));
    }

    private EngineWorld.FakePeer inbound(int number) {
        return world.accept("90." + number + ".1.1").handshake();
    }

    private void pass(Duration time) {
        world.advance(time);
        world.peers.keySet().stream()
                .filter(quota::isOver)
                .forEach(each -> quota.onWaited(each, time.toNanos()));
        quota.pass(time.toNanos());
    }

    /// What a message takes from a full account.
    private long cost(EngineWorld.FakePeer peer, Message message) {
        pass(Duration.ofMinutes(1));
        assertThat(quota.balance(peer.id)).isEqualTo(WorkQuota.OWN_MAX_NANOS);
        peer.sends(message);
        return WorkQuota.OWN_MAX_NANOS - quota.balance(peer.id);
    }

    private static Transaction tx(int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(1, 2, 3, number), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(number, Bytes.EMPTY)),
                List.of(),
                0);
    }

    private static Inv unknown(SplittableRandom random, int count) {
        var items = new ArrayList<InvItem>();
        for (int i = 0; i < count; i++) {
            items.add(
                    InvItem.wtx(
                            new Wtxid(
                                    random.nextLong(),
                                    random.nextLong(),
                                    random.nextLong(),
                                    random.nextLong())));
        }
        return new Inv(items);
    }

    @Test
    @DisplayName("S-109b pings are charged, a new header is not, the same once more is")
    @Sabotage(type = "weft.p2p.sync.Wanted", method = "isWanted", returns = "false")
    void shouldChargeWhatNobodyWants() {
        EngineWorld.FakePeer peer = inbound(1);
        assertThat(cost(peer, Ping.of(1))).isGreaterThanOrEqualTo(LOOK);
        var header = new BlockHeader(1, GENESIS.hash(), Digest256.ZERO, 1_700_000_600L, 0, 0);
        assertThat(cost(peer, new Headers(List.of(header)))).isLessThan(LOOK);
        HeaderNode known = HeaderNode.of(header, header.hash(), genesis, BigInteger.ONE);
        say(
                new ChainEvent.HeadersAccepted(
                        new Origin(peer.id.value()), List.of(known), List.of(known)));
        assertThat(cost(peer, new Headers(List.of(header)))).isGreaterThanOrEqualTo(LOOK);
    }

    @Test
    @DisplayName("S-109b headers and compact blocks with too little work are charged each time")
    void shouldChargeWhatHasTooLittleWork() {
        var best = new BlockHeader(1, GENESIS.hash(), Digest256.ZERO, 1_700_000_600L, 0, 1);
        HeaderNode tip = HeaderNode.of(best, best.hash(), genesis, BigInteger.valueOf(1_000));
        say(new ChainEvent.Loaded(List.of(genesis, tip), List.of(genesis, tip), tip, false));
        EngineWorld.FakePeer peer = inbound(1);
        var cheap = new BlockHeader(1, GENESIS.hash(), Digest256.ZERO, 1_700_000_600L, 0, 2);
        // The first may be the answer to what we ask each peer that comes.
        cost(peer, new Headers(List.of(cheap)));
        assertThat(cost(peer, new Headers(List.of(cheap)))).isGreaterThanOrEqualTo(LOOK);
        var compact = new CmpctBlock(cheap, 1, List.of(), List.of());
        assertThat(cost(peer, compact)).isGreaterThanOrEqualTo(LOOK);
        var good = new BlockHeader(1, best.hash(), Digest256.ZERO, 1_700_001_200L, 0, 3);
        assertThat(cost(peer, new CmpctBlock(good, 1, List.of(), List.of()))).isLessThan(LOOK);
    }

    @Test
    @DisplayName("C15 who sends nothing but decoys pays for them, and waits (S-109b)")
    @Sabotage(type = "weft.p2p.WorkMeter", method = "onNoise", returns = "void")
    void shouldChargeDecoys() {
        EngineWorld.FakePeer peer = inbound(1);
        pass(Duration.ofMinutes(1));
        world.input(new PeerInput.Decoy(peer.id, 20));
        assertThat(quota.balance(peer.id)).isLessThan(WorkQuota.OWN_MAX_NANOS);
        var decoy = new PeerInput.Decoy(peer.id, 20_000);
        for (int i = 0; i < 10_000 && !world.engine.mustWait(decoy); i++) {
            world.input(decoy);
        }
        assertThat(world.engine.mustWait(decoy)).isTrue();
    }

    @Test
    @DisplayName("S-109b a transaction's work is given back when the mempool takes it")
    @Sabotage(type = "weft.p2p.defence.WorkQuota", method = "refund", returns = "void")
    void shouldGiveBackTheWorkOfGoodTransactions() {
        EngineWorld.FakePeer peer = inbound(1);
        var origin = new Origin(peer.id.value());
        assertThat(cost(peer, TxMessage.of(tx(1)))).isGreaterThanOrEqualTo(LOOK);
        say(new ChainEvent.TxAccepted(origin, tx(1), 1_000));
        assertThat(quota.balance(peer.id)).isEqualTo(WorkQuota.OWN_MAX_NANOS);
        long bad = cost(peer, TxMessage.of(tx(2)));
        say(new ChainEvent.TxMissingInputs(origin, tx(2), List.of(new Txid(1, 2, 3, 2))));
        assertThat(WorkQuota.OWN_MAX_NANOS - quota.balance(peer.id)).isGreaterThan(bad);
        // Said twice, it is charged once; of strangers nothing is known.
        long balance = quota.balance(peer.id);
        say(new ChainEvent.TxMissingInputs(origin, tx(2), List.of(new Txid(1, 2, 3, 2))));
        say(new ChainEvent.TxAccepted(Origin.SELF, tx(3), 1_000));
        assertThat(quota.balance(peer.id)).isEqualTo(balance);
    }

    @Test
    @DisplayName("S-109b peers that we dialled have no account")
    void shouldNotLimitWhomWeChose() {
        EngineWorld.FakePeer manual =
                world.dial("91.1.1.1:8333", ConnectionType.OUTBOUND_FULL_RELAY);
        EngineWorld.FakePeer peer = inbound(1);
        assertThat(quota.limits(manual.id)).isFalse();
        assertThat(quota.limits(peer.id)).isTrue();
        for (int i = 0; i < 20_000; i++) {
            manual.sends(Ping.of(i));
        }
        assertThat(mustWait(manual, Ping.of(0))).isFalse();
        peer.hangUp();
        assertThat(quota.limits(peer.id)).isFalse();
    }

    @Test
    @DisplayName("S-109b somebody alone gets fifty megabytes of blocks a second, not five hundred")
    @Sabotage(type = "weft.p2p.WorkMeter", method = "onQueued", returns = "void")
    void shouldServeWhoCatchesUp() {
        EngineWorld.FakePeer peer = inbound(1);
        for (int second = 0; second < 60; second++) {
            serve(peer, 50);
        }
        assertThat(quota.waitedNanos(peer.id)).isZero();
        for (int second = 0; second < 10; second++) {
            serve(peer, 500);
        }
        assertThat(quota.waitedNanos(peer.id)).isPositive();
    }

    /// Megabytes of blocks in a second, and what asks for them.
    private void serve(EngineWorld.FakePeer peer, int megabytes) {
        for (int tenth = 0; tenth < 10; tenth++) {
            peer.sends(Ping.of(tenth));
            for (int i = 0; i < megabytes / 10; i++) {
                world.input(new PeerInput.Queued(peer.id, 1_000_000));
            }
            pass(SECOND.dividedBy(10));
        }
    }

    private boolean mustWait(EngineWorld.FakePeer peer, Message message) {
        return world.engine.mustWait(new PeerInput.Received(peer.id, message, 8, 32));
    }

    @Test
    @DisplayName("S-109b honest inbound peers never wait, alone or among a hundred that flood")
    @Sabotage(type = "weft.p2p.WorkMeter", method = "mustWait", returns = "false")
    void shouldNotLetHonestPeersWait() {
        var random = new SplittableRandom(3);
        List<EngineWorld.FakePeer> honest = List.of(inbound(1), inbound(2), inbound(3));
        for (int second = 0; second < 60; second++) {
            beHonest(honest, random);
            pass(SECOND);
        }
        // After a while without connection somebody has much to tell.
        for (int i = 0; i < 5; i++) {
            honest.getFirst().sends(unknown(random, 1_000));
        }
        assertThat(mustWait(honest.getFirst(), Ping.of(1))).isFalse();
        var flooders = new ArrayList<EngineWorld.FakePeer>();
        for (int i = 0; i < 100; i++) {
            flooders.add(inbound(10 + i));
        }
        long floods = 0;
        for (int tenth = 0; tenth < 200; tenth++) {
            for (EngineWorld.FakePeer each : flooders) {
                for (int i = 0; i < 20 && !mustWait(each, Ping.of(i)); i++) {
                    each.sends(Ping.of(i));
                    floods++;
                }
            }
            if (tenth % 10 == 0) {
                beHonest(honest, random);
            }
            pass(SECOND.dividedBy(10));
            world.lines.clear();
        }
        for (EngineWorld.FakePeer each : honest) {
            assertThat(quota.waitedNanos(each.id)).isZero();
            assertThat(quota.balance(each.id)).isPositive();
        }
        long seconds = 20;
        long given = seconds * 10_000_000L * WorkQuota.DEFAULT_PERCENT + WorkQuota.POT_MAX_NANOS;
        assertThat(floods).isBetween(5_000L, given / LOOK + 100);
    }

    /// Fourteen announcements in two messages, a ping, and a transaction that is taken.
    private void beHonest(List<EngineWorld.FakePeer> peers, SplittableRandom random) {
        for (EngineWorld.FakePeer each : peers) {
            for (Message message :
                    List.of(unknown(random, 7), unknown(random, 7), Ping.of(random.nextLong()))) {
                assertThat(mustWait(each, message)).isFalse();
                each.sends(message);
            }
            Transaction tx = tx(random.nextInt());
            each.sends(TxMessage.of(tx));
            say(new ChainEvent.TxAccepted(new Origin(each.id.value()), tx, 1_000));
        }
    }
}
