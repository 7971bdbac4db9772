package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.Coin;
import weft.consensus.Subsidy;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Attacks of the past on blocks, under the real rules of the regression test network.
class BlockAttackTest implements SeenRed {
    private static final long COIN = 50 * Amount.SATOSHIS_PER_BITCOIN;

    private static OutPoint coin(long number) {
        return new OutPoint(new Txid(number, 2, 3, 4), 0);
    }

    /// What a block of the given transactions comes to on coins that are simply there.
    private static String connect(
            Map<OutPoint, Coin> coins, long extra, boolean runScripts, Transaction... txs) {
        var forge = new Forge(Forge.REGTEST);
        HeaderNode genesis = forge.tip();
        Block block = forge.block(genesis, forge.coinbase(1, 0, extra), List.of(txs));
        HeaderNode node =
                HeaderNode.of(
                        block.header(),
                        block.hash(),
                        genesis,
                        Forge.REGTEST.work(block.header().bits()));
        CoinsView view = coins::get;
        var connector =
                new BlockConnector(
                        new ConsensusRules(Forge.REGTEST), new InlineScriptVerifier(), Log.NONE);
        BlockFailure failure =
                connector.verdict(
                        connector.connect(block, node, new CoinsOverlay(view), runScripts));
        return failure == null ? "" : failure.reason();
    }

    private static Map<OutPoint, Coin> coins(long... values) {
        var coins = new TreeMap<OutPoint, Coin>();
        for (long value : values) {
            coins.put(coin(coins.size() + 1L), new Coin(new TxOut(value, Forge.OPEN), 0, false));
        }
        return coins;
    }

    @Test
    @DisplayName("A01 fees of a block beyond 21 million, and a coinbase of one satoshi too much")
    @Sabotage(
            type = "weft.chain.BlockConnector$Run",
            method = "checkCoins",
            call = "isInRange",
            returns = "true")
    @Sabotage(type = "weft.chain.BlockConnector$Run", method = "checkReward", returns = "null")
    @Sabotage(
            type = "weft.chain.BlockConnector$Run",
            method = "checkReward",
            call = "subsidy",
            returns = "5000000001")
    void shouldRefuseBlocksThatMakeMoney() {
        long max = Amount.MAX_SATOSHIS;
        Map<OutPoint, Coin> rich = coins(max, 1);
        assertThat(connect(rich, max, true, Forge.spend(coin(1), 0))).isEmpty();
        assertThat(connect(rich, 0, true, Forge.spend(coin(1), 0), Forge.spend(coin(2), 0)))
                .isEqualTo("bad-txns-accumulated-fee-outofrange");
        assertThat(connect(coins(100), 10, true, Forge.spend(coin(1), 90))).isEmpty();
        assertThat(connect(coins(100), 11, true, Forge.spend(coin(1), 90)))
                .isEqualTo("bad-cb-amount");
        assertThat(connect(coins(), 1, true)).isEqualTo("bad-cb-amount");
        assertThat(connect(coins(), -COIN, true)).isEmpty();
    }

    @Test
    @DisplayName("A17 a coin usable twice inside a block, also where scripts are assumed valid")
    @Sabotage(
            type = "weft.chain.BlockConnector$Run",
            method = "apply",
            call = "spend",
            returns = "null")
    void shouldSpendACoinOnceWhetherScriptsRunOrNot() {
        Transaction first = Forge.spend(coin(1), 60);
        Transaction second = Forge.spend(coin(1), 50);
        Transaction child = Forge.spend(Forge.out(first), 40);
        Transaction rival = Forge.spend(Forge.out(first), 30);
        for (boolean runScripts : new boolean[] {true, false}) {
            assertThat(connect(coins(100), 0, runScripts, first, child)).isEmpty();
            assertThat(connect(coins(100), 0, runScripts, first, second))
                    .isEqualTo("bad-txns-inputs-missingorspent");
            assertThat(connect(coins(100), 0, runScripts, first, child, rival))
                    .isEqualTo("bad-txns-inputs-missingorspent");
            // A transaction that spends what comes later in the block.
            assertThat(connect(coins(100), 0, runScripts, child, first))
                    .isEqualTo("bad-txns-inputs-missingorspent");
        }
    }

    @Test
    @DisplayName("A09 random blocks: never more value out than in and subsidy together")
    @Sabotage(
            type = "weft.chain.BlockConnector$Run",
            method = "apply",
            call = "spend",
            returns = "null")
    @Sabotage(type = "weft.chain.BlockConnector$Run", method = "checkReward", returns = "null")
    void shouldNeverMakeValue() {
        Property.holds(
                60,
                random -> {
                    var forge = new Forge(Forge.REGTEST);
                    Map<OutPoint, Coin> before = coins(100, 200, 300, 400);
                    var open = new ArrayList<>(before.keySet());
                    var txs = new ArrayList<Transaction>();
                    for (int i = random.nextInt(6); i > 0; i--) {
                        // Mostly a coin that is there, sometimes one that was spent already.
                        OutPoint spent = open.get(random.nextInt(open.size()));
                        if (random.nextInt(8) > 0) {
                            open.remove(spent);
                        }
                        Transaction tx = Forge.spend(spent, random.nextInt(60), random.nextInt(60));
                        txs.add(tx);
                        open.add(Forge.out(tx));
                        open.add(new OutPoint(tx.txid(), 1));
                    }
                    HeaderNode genesis = forge.tip();
                    Block block =
                            forge.block(genesis, forge.coinbase(1, 0, random.nextInt(300)), txs);
                    HeaderNode node =
                            HeaderNode.of(
                                    block.header(),
                                    block.hash(),
                                    genesis,
                                    Forge.REGTEST.work(block.header().bits()));
                    var view = new CoinsOverlay(before::get);
                    BlockFailure failure =
                            new BlockConnector(
                                            new ConsensusRules(Forge.REGTEST),
                                            new InlineScriptVerifier(),
                                            Log.NONE)
                                    .connect(block, node, view, random.nextBoolean())
                                    .failure();
                    if (failure == null) {
                        long[] change = {0};
                        var after = new TreeMap<>(before);
                        view.forEachChange(
                                (outPoint, coin, _) -> change[0] += put(after, outPoint, coin));
                        assertThat(change[0]).isLessThanOrEqualTo(Subsidy.at(1, Forge.REGTEST));
                    }
                });
    }

    private static long put(Map<OutPoint, Coin> coins, OutPoint outPoint, @Nullable Coin coin) {
        Coin old = coin == null ? coins.remove(outPoint) : coins.put(outPoint, coin);
        return (coin == null ? 0 : coin.out().value()) - (old == null ? 0 : old.out().value());
    }

    @Test
    @DisplayName("A19 a coinbase's coin at depth 99 and at depth 100 of a chain")
    @Sabotage(type = "weft.consensus.TxInputs", method = "check", constant = "100>99")
    @Sabotage(type = "weft.consensus.TxInputs", method = "check", constant = "100>101")
    @Sabotage(
            type = "weft.chain.BlockConnector$Run",
            method = "checkCoins",
            call = "failure",
            returns = "null")
    void shouldLetCoinbasesMature() {
        var forge = new Forge(Forge.REGTEST);
        forge.mine(99);
        Transaction spend = Forge.spend(forge.coinbaseOf(1), COIN);
        assertThat(forge.refusal(forge.block(forge.tip(), List.of(spend))))
                .isEqualTo("bad-txns-premature-spend-of-coinbase");
        forge.mine(1);
        assertThat(forge.refusal(forge.block(forge.tip(), List.of(spend)))).isEmpty();
        assertThat(forge.tip().height()).isEqualTo(101);
    }

    @Test
    @DisplayName("A19 the child of an invalid block is refused, the chain stays")
    @Sabotage(
            type = "weft.chain.HeaderTree",
            method = "accept",
            call = "isFailed",
            returns = "false")
    @Sabotage(
            type = "weft.chain.ChainActivation",
            method = "connectTip",
            call = "failure",
            returns = "null")
    void shouldRefuseWhatStandsOnAnInvalidBlock() {
        var forge = new Forge(Forge.REGTEST);
        forge.mine(3);
        HeaderNode tip = forge.tip();
        Transaction greedy = forge.coinbase(4, 9, 1);
        Block bad = forge.block(tip, greedy, List.of());
        assertThat(forge.refusal(bad)).isEqualTo("bad-cb-amount");
        Block child = forge.block(bad.header(), forge.coinbase(5, 0, 0), List.of());
        assertThat(forge.refusal(child)).isEqualTo("bad-prevblk");
        assertThat(forge.refusal(bad)).isEqualTo("duplicate-invalid");
        forge.events.clear();
        forge.state.submitHeaders(
                new ChainCommand.SubmitHeaders(Forge.PEER, List.of(child.header()), true),
                Forge.NOW);
        assertThat(forge.events)
                .anyMatch(
                        event ->
                                event instanceof ChainEvent.HeadersRejected rejected
                                        && rejected.failure().reason().equals("bad-prevblk"));
        assertThat(forge.tip()).isEqualTo(tip);
        assertThat(forge.refusal(forge.block(tip, List.of()))).isEmpty();
        assertThat(forge.tip().height()).isEqualTo(4);
    }

    @Test
    @DisplayName("A28 a block that fails at its last transaction leaves no trace in the coins")
    @Sabotage(
            type = "weft.chain.ChainActivation",
            method = "connectTip",
            call = "failure",
            returns = "null")
    void shouldLeaveNoTraceOfAFailedBlock() {
        var forge = new Forge(Forge.REGTEST);
        forge.mine(101);
        var txs = new ArrayList<Transaction>();
        OutPoint last = forge.coinbaseOf(1);
        for (int i = 0; i < 3_000; i++) {
            Transaction tx = Forge.spend(last, COIN);
            txs.add(tx);
            last = Forge.out(tx);
        }
        CoinsSummary before = forge.coins();
        HeaderNode tip = forge.tip();
        txs.add(Forge.spend(last, COIN + 1));
        String refusal = forge.refusal(forge.block(tip, txs));
        // What is in memory must be as it was, and what gets to disk from there.
        assertThat(forge.state.coins().coin(last)).isNull();
        assertThat(forge.state.coins().coin(txs.getFirst().inputs().getFirst().prevout()))
                .isNotNull();
        assertThat(forge.coins()).isEqualTo(before);
        assertThat(forge.tip()).isEqualTo(tip);
        assertThat(refusal).isEqualTo("bad-txns-in-belowout");
        txs.removeLast();
        txs.add(Forge.spend(last, COIN));
        assertThat(forge.refusal(forge.block(tip, txs))).isEmpty();
        assertThat(forge.tip().height()).isEqualTo(102);
        assertThat(forge.coins().amount()).isEqualTo(before.amount() + COIN);
    }

    @Test
    @DisplayName("A13 a block with a relative lock time that is not over, and the same block later")
    @Sabotage(
            type = "weft.chain.BlockConnector$Run",
            method = "checkCoins",
            call = "areSequenceLocksMet",
            returns = "true")
    @Sabotage(type = "weft.chain.ConsensusRules", method = "areSequenceLocksMet", constant = "1>0")
    void shouldRefuseBlocksWithEarlyTransactions() {
        var forge = new Forge(Forge.REGTEST);
        forge.mine(101);
        Transaction made = Forge.spend(forge.coinbaseOf(1), COIN);
        assertThat(forge.refusal(forge.block(forge.tip(), List.of(made)))).isEmpty();
        // Version 2^32 - 1 counts as large.
        for (long version : new long[] {2, 0xffffffffL}) {
            Transaction early = Forge.spend(version, Forge.out(made), 3, COIN);
            assertThat(forge.refusal(forge.block(forge.tip(), List.of(early))))
                    .isEqualTo("bad-txns-nonfinal");
        }
        forge.mine(2);
        Transaction due = Forge.spend(0xffffffffL, Forge.out(made), 3, COIN);
        assertThat(forge.refusal(forge.block(forge.tip(), List.of(due)))).isEmpty();
    }

    @Test
    @DisplayName("A28 a chain state on memory stores starts as it ended after a refused block")
    @Sabotage(
            type = "weft.chain.HeaderTree",
            method = "accept",
            call = "isFailed",
            returns = "false")
    void shouldStartAsItEnded() {
        var database = new MemoryKeyValueStore();
        var blocks = new MemoryBlockStore();
        var forge = new Forge(Forge.REGTEST, ChainOptions.DEFAULT, database, blocks);
        forge.state.start(Forge.NOW);
        forge.mine(3);
        TxIn input = new TxIn(coin(5), Forge.OPEN, 0);
        Transaction spend =
                Transaction.of(1, List.of(input), List.of(new TxOut(5, Forge.OPEN)), List.of(), 0);
        Block bad = forge.block(forge.tip(), List.of(spend));
        assertThat(forge.refusal(bad)).isEqualTo("bad-txns-inputs-missingorspent");
        forge.state.flush(Forge.NOW);
        var again = new Forge(Forge.REGTEST, ChainOptions.DEFAULT, database.copy(), blocks.copy());
        again.state.start(Forge.NOW);
        assertThat(again.tip().hash()).isEqualTo(forge.tip().hash());
        assertThat(again.refusal(bad)).isEqualTo("duplicate-invalid");
        assertThat(again.coins()).isEqualTo(forge.coins());
    }
}
