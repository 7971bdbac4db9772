package weft.app.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
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

    /// What the rows promise of a ping, of a transaction, and of a block.
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static final long MILLIS_EACH = 200;
    private static final Duration BLOCK_DELAY = Duration.ofMillis(500);

    private static final int SENT = 100;

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
                    var took = new ArrayList<Duration>();
                    while (!judged.isDone()) {
                        took.add(seal.honest().ping(Seal.SERVICE).orElseThrow());
                    }
                    Collections.sort(took);
                    int pings = took.size();
                    System.out.println(
                            "C02 "
                                    + INPUTS
                                    + " inputs: judged in ms "
                                    + judged.join() / 1_000_000
                                    + ", pings meanwhile "
                                    + pings
                                    + ", the slowest in ms "
                                    + took.getLast().toMillis());
                    assertThat(pings).as("pings while the block was judged").isGreaterThan(3);
                    // Others use the machine too.
                    assertThat(took.get(pings * 9 / 10)).isLessThan(SECOND);
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                },
                "-acceptnonstdtxn=0");
    }

    /// What comes out of the coins of the attack, a hundred ways to spend them that are not relayed.
    private static final class Attack {
        private static final long EACH = 20_000_000;

        /// Refused before it runs, for it is no form of output: 66 checks in nearly 10,000 bytes.
        private static final Bytes HUGE = Bytes.parse("6eac75".repeat(66) + "51".repeat(9_700));

        final Transaction coins;

        Attack(OutPoint coin) {
            var outputs = new ArrayList<TxOut>(ManyChecks.outputs(EACH));
            outputs.addAll(SlowScript.LATE.outputs(1, EACH));
            outputs.addAll(SlowScript.EARLY.outputs(1, EACH));
            outputs.add(new TxOut(EACH, HUGE));
            coins =
                    Transaction.of(
                            2, List.of(new TxIn(coin, Bytes.EMPTY, 0)), outputs, List.of(), 0);
        }

        private OutPoint out(int after) {
            return new OutPoint(coins.txid(), ManyChecks.INPUTS + after);
        }

        Transaction hashing(int number) {
            return SlowScript.LATE.spend(out(0), EACH - 1_000_000 - number);
        }

        Transaction hashingAfterAll(int number) {
            return SlowScript.EARLY.spend(out(1), EACH - 1_000_000 - number);
        }

        Transaction checking(int number) {
            return ManyChecks.spend(coins, 0, 3_000_000 - number);
        }

        Transaction huge(int number) {
            var output = new TxOut(1_000 + number, STANDARD);
            return Transaction.of(
                    2,
                    List.of(new TxIn(out(2), Bytes.EMPTY, 0)),
                    Collections.nCopies(3_100, output),
                    List.of(),
                    0);
        }

        Transaction any(int number) {
            return switch (number % 4) {
                case 0 -> hashing(number);
                case 1 -> checking(number);
                case 2 -> hashingAfterAll(number);
                default -> huge(number);
            };
        }
    }

    private static long processorNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    /// What it costs the node to refuse such transactions, all that its JVM does meanwhile included.
    ///
    /// @return milliseconds of one core, of the cheapest of some, for code that was loaded just now is slow
    private static long cost(Seal seal, IntFunction<Transaction> make, String reason) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 4 || (i < 20 && best > MILLIS_EACH); i++) {
            Transaction tx = make.apply(1_000 + i);
            assertThat(tx.weight()).isBetween(390_000, 400_000);
            long before = processorNanos();
            assertThat(refusal(seal, tx)).contains(reason);
            best = Math.min(best, (processorNanos() - before) / 1_000_000);
        }
        return best;
    }

    @Test
    @DisplayName("C03 what a transaction of the largest size costs that is not relayed")
    @Sabotage(
            type = "weft.consensus.script.ExecutionContext",
            method = "takeHashing",
            returns = "true")
    @Sabotage(
            type = "weft.mempool.ScriptPasses",
            method = "isOfRelayOnly",
            constant = "1073876501>134677")
    void shouldRefuseSoonWhatCostsMuch() throws Exception {
        Seal.around(
                seal -> {
                    Transaction honest = standardCoin(seal.ledger().coin(2));
                    var attack = new Attack(seal.ledger().coin(1));
                    mine(seal, attack.coins, honest);
                    seal.honestWillSend(standardSpend(honest));
                    long checking = cost(seal, attack::checking, "NOPx reserved");
                    long hashing = cost(seal, attack::hashing, "Too much hashing");
                    long after = cost(seal, attack::hashingAfterAll, "NOPx reserved");
                    long huge = cost(seal, attack::huge, "bad-txns-nonstandard-inputs");
                    System.out.println(
                            "C03 ms of one core with RPC: many checks "
                                    + checking
                                    + ", heavy hashing "
                                    + hashing
                                    + " and "
                                    + after
                                    + ", huge script "
                                    + huge);
                    assertThat(List.of(checking, hashing, after, huge))
                            .allMatch(each -> each <= MILLIS_EACH);
                },
                "-acceptnonstdtxn=0");
    }

    /// How long the block of an honest peer takes while an attacker sends all that it has.
    private static Duration blockAmid(Seal seal, WirePeer attacker, List<TxMessage> all)
            throws Exception {
        Block block = seal.ledger().next(List.of());
        attacker.send(all.getFirst());
        var sending =
                CompletableFuture.runAsync(() -> all.subList(1, SENT).forEach(attacker::trySend));
        long start = System.nanoTime();
        seal.honest().announce(block);
        seal.expect(block);
        Duration delay = Duration.ofNanos(System.nanoTime() - start);
        sending.join();
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        return delay;
    }

    @Test
    @DisplayName("C03 a block amid a hundred transactions of the largest size that cost much")
    @Sabotage(type = "weft.p2p.tx.WastedWork", method = "isTooMuch", returns = "false")
    void shouldTakeABlockAmidTransactionsThatCostMuch() throws Exception {
        Seal.around(
                seal -> {
                    Transaction honest = standardCoin(seal.ledger().coin(2));
                    Transaction other = standardCoin(seal.ledger().coin(3));
                    var attack = new Attack(seal.ledger().coin(1));
                    mine(seal, attack.coins, honest, other);
                    seal.honestWillSend(standardSpend(honest));
                    var all = new ArrayList<TxMessage>();
                    for (int i = 0; i < SENT; i++) {
                        all.add(TxMessage.of(attack.any(i)));
                    }
                    var delays = new ArrayList<Duration>();
                    long before = processorNanos();
                    for (int i = 0; i < 3; i++) {
                        delays.add(blockAmid(seal, seal.attacker(), all));
                    }
                    long spent = (processorNanos() - before) / 3_000_000;
                    System.out.println(
                            "C03 the block after ms "
                                    + delays.stream().map(Duration::toMillis).toList()
                                    + ", ms of one core for each hundred "
                                    + spent);
                    // Others use the machine too.
                    assertThat(delays).anyMatch(each -> each.compareTo(BLOCK_DELAY) <= 0);
                    WirePeer attacker = seal.attacker();
                    all.forEach(attacker::trySend);
                    // Not even what is cheap is taken from it now, but from others.
                    Transaction cheap = standardSpend(other);
                    attacker.send(TxMessage.of(cheap));
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    assertThat(seal.isInPool(cheap)).isFalse();
                    seal.honest().send(cheap);
                    Seal.await("in", Seal.SERVICE, () -> seal.isInPool(cheap));
                },
                "-acceptnonstdtxn=0");
    }
}
