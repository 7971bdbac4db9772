package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.ConnectionType;
import weft.p2p.P2pOptions;
import weft.p2p.tx.Spreading;
import weft.primitives.Transaction;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.DandelionTx;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.NotFound;
import weft.wire.TxMessage;

/// What nodes must not let others see is seen by who looks at every message.
class SecrecyTest implements SeenRed {
    private static final int SIZE = 5;

    private final Treasury treasury = new Treasury();

    /// One peer for all and two for blocks, so that in a small world there are both kinds.
    private static P2pOptions few(SimNode self, P2pOptions options) {
        return options.with(options.limits().withCounts(1, 2, 100));
    }

    @Test
    @DisplayName("Over connections for blocks only goes nothing about transactions and addresses")
    @Sabotage(type = "weft.p2p.EngineParts", method = "rejectsTxs", returns = "false")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "setUp", flips = 1)
    void shouldKeepToBlocks() {
        FullNodes factory = new FullNodes(SecrecyTest::few).bornWith(treasury);
        World world = Towns.of(1, SIZE, factory);
        var invariants = new Invariants(world, factory);
        Citizens.connect(world, factory, SIZE);
        assertThat(world.nodes())
                .anyMatch(
                        node ->
                                node.openLinks().stream()
                                        .anyMatch(
                                                link ->
                                                        link.type
                                                                == ConnectionType
                                                                        .BLOCK_RELAY_ONLY));
        world.nodes().forEach(treasury::pay);
        Towns.watch(world, invariants, 1);
        assertThat(world.traffic().messages(TxMessage.COMMAND)).isPositive();
    }

    @Test
    @DisplayName("Who asks for a transaction before it was announced to him does not get it")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "served", flips = 3)
    void shouldGiveOnlyWhatWasAnnounced() {
        FullNodes factory = new FullNodes(Towns::keepTheFirst).bornWith(treasury);
        World world = Towns.of(1, 2, factory);
        var invariants = new Invariants(world, factory);
        world.nodes().forEach(SimNode::start);
        Towns.watch(world, invariants, 1);
        Transaction tx = treasury.payFrom(world.nodes().get(0));
        Towns.say(world.nodes().get(1), new GetData(List.of(InvItem.wtx(tx.wtxid()))));
        Towns.watch(world, invariants, 1);
        assertThat(world.traffic().messages(NotFound.COMMAND)).isPositive();
        assertThat(Towns.knowing(world.nodes(), tx.txid())).as("announced in time").isEqualTo(2);
    }

    @Test
    @DisplayName("What is on its stem is not announced before its embargo is over")
    @Sabotage(type = "weft.p2p.tx.Stems", method = "embargo", constant = "10000000000>0")
    void shouldKeepStemsSecret() {
        FullNodes factory =
                new FullNodes(
                                (_, options) ->
                                        options.with(
                                                options.tx()
                                                        .with(Spreading.DANDELION)
                                                        .withFluffPercent(0)))
                        .bornWith(treasury);
        World world = Towns.of(1, SIZE, factory);
        var invariants = new Invariants(world, factory);
        Citizens.connect(world, factory, SIZE);
        world.nodes().forEach(each -> each.refuse(message -> message instanceof DandelionTx));
        world.nodes().forEach(treasury::pay);
        world.run(Duration.ofMillis(500));
        assertThat(world.traffic().messages(DandelionTx.COMMAND)).isEqualTo(SIZE);
        Towns.watch(world, invariants, 3);
        assertThat(world.nodes()).allMatch(each -> each.node().chain().mempool().size() == SIZE);
    }
}
