package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainEvent;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Scripts of blocks that fail elsewhere.
class ScriptBatchesTest implements SeenRed {
    private static final long COIN = 50 * Amount.SATOSHIS_PER_BITCOIN;
    private static final int ROUNDS = 500;
    private static final int INPUTS = 3;

    /// Scripts that run until somebody waits for them or gives them up.
    private static final class OpenBatches implements ScriptVerifier {
        private final ScriptVerifier scripts = new InlineScriptVerifier();
        private final Set<Txid> begun = new TreeSet<>();
        private int open;

        @Override
        public @Nullable Failure verify(List<ScriptCheck> checks) {
            return scripts.verify(checks);
        }

        @Override
        public Pending begin(List<ScriptCheck> checks) {
            checks.forEach(check -> begun.add(check.tx().txid()));
            open++;
            return new Pending() {
                private boolean isOpen = true;

                @Override
                public boolean isDone() {
                    return false;
                }

                @Override
                public @Nullable Failure await() {
                    cancel();
                    return verify(checks);
                }

                @Override
                public void cancel() {
                    open -= isOpen ? 1 : 0;
                    isOpen = false;
                }
            };
        }
    }

    private final OpenBatches batches = new OpenBatches();
    private final Forge forge =
            new Forge(
                    Forge.REGTEST,
                    ChainOptions.DEFAULT.withMaxTipAge(Duration.ofSeconds(-1_000_000_000)),
                    new MemoryKeyValueStore(),
                    new MemoryBlockStore(),
                    batches);
    private final List<OutPoint> coins = new ArrayList<>();

    /// One transaction of many coins that are made in the block, each with a script to run.
    private static List<Transaction> slow(OutPoint coin) {
        var values = new long[INPUTS];
        java.util.Arrays.fill(values, COIN / INPUTS);
        Transaction fan = Forge.spend(coin, values);
        var inputs = new ArrayList<TxIn>();
        for (int i = 0; i < INPUTS; i++) {
            inputs.add(new TxIn(new OutPoint(fan.txid(), i), Bytes.EMPTY, 0));
        }
        var out = new TxOut(COIN / INPUTS * INPUTS, Forge.OPEN);
        return List.of(fan, Transaction.of(1, inputs, List.of(out), List.of(), 0));
    }

    /// Fails a check that needs no script, or in its script, after all others.
    private Block bad(Block parent, int height, int kind, OutPoint coin, OutPoint other) {
        var txs = new ArrayList<>(slow(coin));
        long extra = 0;
        switch (kind) {
            case 0 -> txs.add(Forge.spend(other, COIN + 1));
            case 1 -> extra = 1 + 2 * COIN;
            case 2 -> txs.add(Forge.spend(2, other, 0xffff, COIN));
            case 3 -> txs.add(Forge.spend(coin, COIN));
            default -> {
                Transaction trap =
                        Transaction.of(
                                1,
                                List.of(new TxIn(other, Bytes.EMPTY, 0)),
                                List.of(new TxOut(COIN, Bytes.parse("00"))),
                                List.of(),
                                0);
                txs.add(trap);
                txs.add(Forge.spend(Forge.out(trap), COIN));
            }
        }
        return forge.block(parent.header(), forge.coinbase(height, 0, extra), txs);
    }

    private static String reason(int kind) {
        return switch (kind) {
            case 0 -> "bad-txns-in-belowout";
            case 1 -> "bad-cb-amount";
            case 2 -> "bad-txns-nonfinal";
            case 3 -> "bad-txns-inputs-missingorspent";
            default -> "mandatory-script-verify-flag-failed";
        };
    }

    private static Set<Txid> ids(Block block) {
        return block.transactions().stream()
                .map(Transaction::txid)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    @DisplayName("B02 blocks that fail a cheap check above others whose scripts run, 500 times")
    @Sabotage(type = "weft.chain.ChainActivation", method = "takeBack", call = "cancel")
    @Sabotage(type = "weft.chain.BlockConnector$Run", method = "checkReward", returns = "null")
    void shouldLeaveNoScriptsOfABlockThatFails() {
        forge.state.start(Forge.NOW);
        forge.mine(120);
        forge.state.settle(Forge.NOW);
        for (int height = 1; height <= 16; height++) {
            coins.add(forge.coinbaseOf(height));
        }
        var random = new SplittableRandom(52_911);
        for (int round = 0; round < ROUNDS; round++) {
            round(random);
        }
    }

    private void round(SplittableRandom random) {
        int height = forge.tip().height();
        Block parent = forge.state.block(forge.tip()).orElseThrow();
        int below = random.nextInt(1, 4);
        for (int i = 0; i < below; i++) {
            height++;
            Block good =
                    forge.block(parent.header(), forge.coinbase(height, 0, 0), slow(coins.get(i)));
            forge.submit(good);
            coins.set(i, Forge.out(good.transactions().get(2)));
            parent = good;
        }
        int kind = random.nextInt(5);
        batches.begun.clear();
        forge.events.clear();
        Block bad = bad(parent, height + 1, kind, coins.get(4), coins.get(5));
        forge.submit(bad);
        if (kind == 4) {
            Block above = forge.block(bad.header(), forge.coinbase(height + 2, 1, 0), List.of());
            Block top =
                    forge.block(
                            above.header(), forge.coinbase(height + 3, 1, 0), slow(coins.get(6)));
            forge.submit(above);
            forge.submit(top);
        }
        forge.state.settle(Forge.NOW);
        assertThat(batches.open).as("batches whose end nobody waited for").isZero();
        assertThat(batches.begun.stream().anyMatch(ids(bad)::contains)).isEqualTo(kind == 4);
        assertThat(forge.tip().hash()).isEqualTo(parent.hash());
        assertThat(forge.events)
                .filteredOn(ChainEvent.BlockRejected.class::isInstance)
                .extracting(each -> ((ChainEvent.BlockRejected) each).failure())
                .extracting(BlockFailure::reason)
                .singleElement()
                .asString()
                .startsWith(reason(kind));
    }
}
