package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bug;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Ping;
import weft.wire.TxMessage;
import weft.wire.Unknown;

/// What a node keeps has limits, and who looks sees it when they break.
class BoundsTest implements SeenRed {
    private static final int ORPHANS = 150;
    private static final int ANNOUNCED = 6_000;
    private static final int BLOCKS = 60;
    private static final int LONG_BYTES = 3_000_000;

    private final Treasury treasury = new Treasury();
    private final FullNodes factory = new FullNodes(Towns::keepTheFirst).bornWith(treasury);
    private World world = Towns.of(1, 2, factory);
    private Invariants invariants = new Invariants(world, factory);

    private void connect() {
        world.nodes().forEach(SimNode::start);
        Towns.watch(world, invariants, 1);
    }

    private SimNode talker() {
        return world.nodes().get(1);
    }

    private static Transaction orphan(int number) {
        return Transaction.of(
                2,
                List.of(
                        new TxIn(
                                new OutPoint(new Txid(number, 1, 1, 1), 0),
                                Bytes.EMPTY,
                                TxIn.SEQUENCE_FINAL)),
                List.of(new TxOut(10_000, Treasury.script())),
                List.of(Witness.of(Bytes.EMPTY)),
                0);
    }

    @Test
    @DisplayName("Transactions without parents are kept by the hundred")
    @Sabotage(type = "weft.p2p.tx.TxOrphanage", method = "limit", returns = "void")
    void shouldLimitOrphans() {
        connect();
        List<Transaction> orphans =
                IntStream.range(0, ORPHANS).mapToObj(BoundsTest::orphan).toList();
        Towns.say(talker(), new Inv(orphans.stream().map(tx -> InvItem.wtx(tx.wtxid())).toList()));
        long before = invariants.checks();
        for (Transaction each : orphans) {
            Towns.say(talker(), new TxMessage(each, Transaction.Encoding.WITNESS));
        }
        Towns.watch(world, invariants, 1);
        assertThat(world.traffic().messages(TxMessage.COMMAND)).isEqualTo(ORPHANS);
        assertThat(invariants.checks() - before).isGreaterThan(ORPHANS);
    }

    @Test
    @DisplayName("Of one peer five thousand announcements are kept")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "track", constant = "5000>50000")
    void shouldLimitAnnouncements() {
        connect();
        var items = new ArrayList<InvItem>();
        for (int i = 0; i < ANNOUNCED; i++) {
            items.add(new InvItem(InvType.WTX, new Digest256(i, 1, 1, 1)));
        }
        Towns.say(talker(), new Inv(items));
        Towns.watch(world, invariants, 2);
        assertThat(world.traffic().messages(GetData.COMMAND)).isPositive();
    }

    @Test
    @DisplayName("Of one peer sixteen blocks are asked for at a time")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "request", constant = "16>17")
    void shouldLimitBlocks() {
        SimNode rich = world.nodes().getFirst();
        rich.start();
        Towns.mine(invariants, rich, BLOCKS);
        talker().start();
        Towns.watch(world, invariants, 3);
        assertThat(talker().height()).isEqualTo(rich.height());
    }

    @Test
    @DisplayName("The tables of an address book fit together")
    @Sabotage(type = "weft.p2p.addr.AddrMan", method = "create", call = "add", returns = "true")
    void shouldKeepTheBook() {
        connect();
        Towns.fillBook(world, factory, talker(), 3);
        Towns.watch(world, invariants, 2);
        assertThat(factory.book(talker()).size()).isPositive();
    }

    @Test
    @DisplayName("A line on which megabytes wait is seen")
    void shouldSeeAFullLine() {
        world = new World(1, new LinkModel(1_000_000, 1_000_000, 10_000));
        world.add(factory);
        world.add(factory);
        invariants = new Invariants(world, factory);
        connect();
        SimNode one = world.nodes().getFirst();
        Towns.say(talker(), new Unknown("long", Bytes.wrap(new byte[LONG_BYTES])));
        Towns.say(one, Ping.of(1));
        Towns.watch(world, invariants, 1);
        Towns.say(talker(), new Unknown("long", Bytes.wrap(new byte[LONG_BYTES])));
        Towns.say(one, Ping.of(2));
        assertThatThrownBy(() -> Towns.watch(world, invariants, 1))
                .isInstanceOf(Bug.class)
                .hasMessageContaining("more on the line");
    }
}
