package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Digest256;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.NotFound;
import weft.wire.Pong;

/// What is asked is answered, or given up in time; and nobody is woken for nothing.
class AnswersTest implements SeenRed {
    private final Treasury treasury = new Treasury();
    private final FullNodes factory = new FullNodes(Towns::keepTheFirst).bornWith(treasury);
    private final World world = Towns.of(1, 2, factory);
    private final Invariants invariants = new Invariants(world, factory);
    private final SimNode asked = world.nodes().get(0);
    private final SimNode asker = world.nodes().get(1);

    @Test
    @DisplayName("Pings, questions for headers and for transactions are answered at once")
    @Sabotage(type = "weft.p2p.peers.PingManager", method = "onPing", returns = "void")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "onGetHeaders", returns = "void")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "onGetData", call = "add", returns = "true")
    void shouldAnswer() {
        world.nodes().forEach(SimNode::start);
        Towns.watch(world, invariants, 1);
        Towns.say(asker, new GetData(List.of(new InvItem(InvType.WTX, Digest256.ZERO))));
        Towns.watch(world, invariants, 3);
        assertThat(world.traffic().messages(Pong.COMMAND)).isPositive();
        assertThat(world.traffic().messages(GetHeaders.COMMAND)).isPositive();
        assertThat(world.traffic().messages(NotFound.COMMAND)).isPositive();
    }

    @Test
    @DisplayName("Nobody is asked for headers again before two minutes have passed")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "sendGetHeaders", flips = 2)
    void shouldAskForHeadersOnce() {
        asked.refuse(GetHeaders.class::isInstance);
        world.nodes().forEach(SimNode::start);
        Towns.watch(world, invariants, 1);
        Towns.mine(invariants, asked, 1);
        Towns.mine(invariants, asked, 1);
        Towns.watch(world, invariants, 1);
        assertThat(world.traffic().messages(GetHeaders.COMMAND)).isPositive();
    }

    @Test
    @DisplayName("A transaction that is never given is not awaited for ever")
    @Sabotage(
            type = "weft.p2p.tx.TxDownload",
            method = "request",
            constant = "60000000000>6000000000000")
    void shouldNotAwaitTransactionsForEver() {
        asked.refuse(GetData.class::isInstance);
        world.nodes().forEach(SimNode::start);
        Towns.watch(world, invariants, 1);
        treasury.pay(asked);
        Towns.watch(world, invariants, 1);
        assertThat(world.traffic().messages(GetData.COMMAND)).isPositive();
        Towns.watch(world, invariants, 5);
    }

    @Test
    @DisplayName("Who has nothing to do is not woken again and again")
    @Sabotage(type = "weft.p2p.OutboundPlan", method = "step", constant = "16000000000>10000000")
    @Sabotage(
            type = "weft.p2p.tx.TxSync",
            method = "nextDeadlineNanos",
            call = "hasRequestable",
            returns = "true")
    void shouldSleep() {
        world.nodes().forEach(SimNode::start);
        Towns.watch(world, invariants, 1);
        treasury.pay(asked);
        Towns.watch(world, invariants, 3);
        assertThat(Towns.knowing(world.nodes(), treasury.pay(asked))).isPositive();
    }
}
