package weft.app.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.app.attack.WirePeer.Fate;
import weft.crypto.Hash160;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockMessage;
import weft.wire.TxMessage;

/// A whole node that has hard work to do: blocks that are valid and slow, transactions that cost much and are
/// not relayed.
///
/// `-Dweft.times=8` and more has the slow block in full.
class SlowTcpAttackTest implements SeenRed {
    private static final int INPUTS =
            Math.min(SlowSpend.INPUTS_FULL, 700 * Integer.getInteger("weft.times", 1));

    /// What the row promises of a ping.
    private static final Duration SECOND = Duration.ofSeconds(1);

    /// Of the form that wallets had before segwit, though anybody may spend it.
    private static final Bytes STANDARD =
            Bytes.parse("a914")
                    .plus(Bytes.wrap(Hash160.hash(Ledger.OPEN.toByteArray())))
                    .plus(Bytes.parse("87"));

    /// Makes a coin of the form that is relayed.
    private static Transaction standardCoin(OutPoint open) {
        return Transaction.of(
                2,
                List.of(new TxIn(open, Bytes.EMPTY, 0)),
                List.of(new TxOut(Ledger.COIN, STANDARD)),
                List.of(),
                0);
    }

    /// Spends it.
    private static Transaction standardSpend(Transaction coin) {
        return Transaction.of(
                2,
                List.of(new TxIn(Ledger.out(coin), Bytes.parse("0151"), 0)),
                List.of(new TxOut(Ledger.COIN - 100_000, STANDARD)),
                List.of(),
                0);
    }

    private static void mine(Seal seal, Transaction... txs) throws Exception {
        Block block = seal.ledger().next(List.of(txs));
        seal.honest().announce(block);
        seal.expect(block);
    }

    private static String refusal(Seal seal, Transaction tx) {
        return seal.node()
                .call("testmempoolaccept", List.of(Bytes.wrap(tx.toByteArray()).toHex()))
                .get(0)
                .get("reject-reason")
                .asString();
    }

    @Test
    @DisplayName("C02 a transaction of a megabyte that each of its signatures hashes, in a block")
    @Sabotage(type = "weft.consensus.BlockCheck", method = "check", constant = "4000000>3600000")
    @Sabotage(
            type = "weft.mempool.PreChecks",
            method = "checkAlone",
            call = "standardOnly",
            returns = "false")
    void shouldServePeersWhileABlockIsHashed() throws Exception {
        Seal.around(
                seal -> {
                    Transaction coins = SlowSpend.coins(seal.ledger().coin(1), INPUTS);
                    Transaction honest = standardCoin(seal.ledger().coin(2));
                    mine(seal, coins, honest);
                    seal.honestWillSend(standardSpend(honest));
                    Transaction slow = SlowSpend.of(coins);
                    assertThat(refusal(seal, slow)).as("before scripts").isEqualTo("tx-size");
                    WirePeer attacker = seal.attacker();
                    attacker.send(TxMessage.of(slow));
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    Block block = seal.ledger().next(List.of(slow));
                    long start = System.nanoTime();
                    attacker.send(BlockMessage.of(block));
                    var judged =
                            CompletableFuture.supplyAsync(
                                    () -> {
                                        try {
                                            seal.expect(block);
                                        } catch (InterruptedException e) {
                                            throw new AssertionError(e);
                                        }
                                        return System.nanoTime() - start;
                                    });
                    Duration slowest = Duration.ZERO;
                    int pings = 0;
                    while (!judged.isDone()) {
                        Duration took = seal.honest().ping(SECOND).orElseThrow();
                        slowest = took.compareTo(slowest) > 0 ? took : slowest;
                        pings++;
                    }
                    System.out.println(
                            "C02 "
                                    + INPUTS
                                    + " inputs: judged in ms "
                                    + judged.join() / 1_000_000
                                    + ", pings meanwhile "
                                    + pings
                                    + ", the slowest in ms "
                                    + slowest.toMillis());
                    assertThat(pings).as("pings while the block was judged").isGreaterThan(3);
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                },
                "-acceptnonstdtxn=0");
    }
}
