package weft.app.compare;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import weft.app.compare.Flaw.Unlock;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.TxIn;

/// Coins with scripts that no wallet makes, locks in time, coinbases.
final class ScriptCases {
    private static final long FEE = 20_000;
    private static final long SEQUENCE_TYPE = 1L << 22;
    private static final long SEQUENCE_OFF = 1L << 31;

    private final ScriptLocks locks;
    private final Set<OutPoint> tried = new HashSet<>();

    ScriptCases(ScriptLocks locks) {
        this.locks = locks;
    }

    List<Case> all() {
        return List.of(
                new Case("scripts", 260, this::script),
                new Case("scripts, unconfirmed", 20, this::unconfirmed),
                new Case("lock times", 30, ScriptCases::lockTime),
                new Case("relative lock times", 40, ScriptCases::relative),
                new Case("maturity", 14, ScriptCases::maturity),
                new Case("signature operations", 16, ScriptCases::sigops));
    }

    private void script(Stage stage) {
        KnownCoin coin =
                stage.world.coin(
                        each ->
                                Character.isLowerCase(each.lock().name().charAt(0))
                                        && !each.lock().name().equals(World.COINBASE)
                                        && !tried.contains(each.outPoint()));
        if (coin != null) {
            tried.add(coin.outPoint());
            spend(stage, coin);
        }
    }

    private static void spend(Stage stage, KnownCoin coin) {
        Draft draft = stage.draft();
        KnownCoin other = stage.usualCoin();
        if (other == null || other.value() < 4 * FEE) {
            return;
        }
        if (stage.chance(30)) {
            draft.spend(other);
        }
        boolean isTimed = stage.chance(50);
        long sequence = isTimed ? stage.random.nextInt(6) : Draft.REPLACEABLE;
        int odd = stage.random.nextInt(12);
        Flaw flaw =
                switch (odd) {
                    case 0 ->
                            Flaw.ofUnlock(
                                    "witness",
                                    each ->
                                            new Unlock(
                                                    each.scriptSig(),
                                                    List.of(FormCases.bytes(1), Bytes.EMPTY)));
                    case 1 -> Flaw.ofAnnex("annex", FormCases.bytes(0x50, 1));
                    case 2 -> Flaw.ofType("none", 2);
                    default -> Flaw.NONE;
                };
        draft.spend(coin, sequence, flaw);
        if (isTimed) {
            draft.lockTime(
                    stage.chance(70)
                            ? stage.world.height() + stage.random.nextInt(-2, 3)
                            : 1_700_040_000L + stage.random.nextInt(30_000));
        }
        if (draft.valueIn() > 2 * FEE) {
            stage.judge(draft.changeTo(stage.locks.usual(), FEE));
        }
    }

    private void unconfirmed(Stage stage) {
        KnownCoin coin = stage.usualCoin();
        if (coin == null || coin.value() < 10 * FEE) {
            return;
        }
        Draft parent = stage.draft().spend(coin);
        parent.pay(coin.value() / 2, locks.next(stage.world.height() + 1));
        var tx = stage.sign(parent.changeTo(stage.locks.usual(), FEE));
        stage.judge(tx);
        spend(stage, stage.world.coinsOf(tx.txid()).getFirst());
    }

    private static void lockTime(Stage stage) {
        KnownCoin coin = stage.usualCoin();
        if (coin == null || coin.value() < 4 * FEE) {
            return;
        }
        long median = stage.world.tip().medianTimePast();
        long time =
                switch (stage.random.nextInt(4)) {
                    case 0 -> stage.world.height() + stage.random.nextInt(-1, 4);
                    case 1 -> median + stage.random.nextInt(-1, 2);
                    case 2 -> stage.world.tip().time() + stage.random.nextInt(-1, 2);
                    default -> stage.chance(50) ? 499_999_999L : 500_000_000L;
                };
        long sequence = stage.chance(30) ? TxIn.SEQUENCE_FINAL : TxIn.SEQUENCE_FINAL - 1;
        stage.judge(
                stage.draft()
                        .lockTime(time)
                        .spend(coin, sequence, Flaw.NONE)
                        .changeTo(stage.locks.usual(), FEE));
    }

    private static void relative(Stage stage) {
        boolean isOfPool = stage.chance(25);
        KnownCoin coin = isOfPool ? stage.world.poolCoin(Stage::isUsual) : stage.usualCoin();
        if (coin == null || coin.value() < 4 * FEE) {
            return;
        }
        int depth = isOfPool ? 0 : stage.world.height() + 1 - coin.height();
        long sequence =
                switch (stage.random.nextInt(6)) {
                    case 0, 1 -> Math.max(0, depth + stage.random.nextInt(-1, 2));
                    case 2 -> SEQUENCE_TYPE | Math.max(0, depth + stage.random.nextInt(-3, 3));
                    case 3 -> SEQUENCE_OFF | 99;
                    case 4 -> 0x1_0000L | (depth + 1);
                    default -> 0;
                };
        Draft draft = stage.draft().version(stage.chance(15) ? 1 : 2);
        stage.judge(draft.spend(coin, sequence, Flaw.NONE).changeTo(stage.locks.usual(), FEE));
    }

    private static void maturity(Stage stage) {
        KnownCoin coin = stage.world.coinbase(98 + stage.random.nextInt(4));
        if (coin != null) {
            Draft draft = stage.draft().spend(coin);
            for (int i = 0; i < 5; i++) {
                draft.pay(coin.value() / 8, stage.locks.usual());
            }
            stage.judge(draft.changeTo(stage.locks.usual(), FEE));
        }
    }

    /// Outputs and inputs that count many signature operations.
    private static void sigops(Stage stage) {
        KnownCoin coin = stage.world.coin(each -> Stage.isUsual(each) && each.value() > 3_000_000);
        if (coin == null) {
            return;
        }
        Draft draft = stage.draft().spend(coin);
        if (stage.chance(60)) {
            // Each multisig in an output counts as 20 operations, with a weight of 80.
            int count =
                    stage.chance(50) ? stage.random.nextInt(1, 30) : stage.random.nextInt(197, 203);
            Lock lock = stage.locks.of(Locks.Kind.MULTISIG);
            for (int i = 0; i < count; i++) {
                draft.pay(1_200, lock);
            }
        } else {
            draft.pay(100_000, counting(stage));
            draft.pay(100_000, counting(stage));
        }
        long fee = stage.chance(50) ? 2_000_000 : 30_000 + stage.random.nextInt(300_000);
        var tx = stage.sign(draft.changeTo(stage.locks.usual(), fee));
        if (stage.judge(tx)) {
            KnownCoin made = stage.world.coinsOf(tx.txid()).getFirst();
            if (!made.lock().name().equals("MULTISIG")) {
                stage.judge(
                        stage.draft()
                                .spend(made)
                                .changeTo(stage.locks.usual(), stage.random.nextInt(100, 20_000)));
            }
        }
    }

    /// A script whose operations are never run, but counted.
    private static Lock counting(Stage stage) {
        var script = new weft.consensus.script.ScriptBuilder();
        script.number(0).op(weft.consensus.script.Opcode.OP_IF);
        int count = stage.random.nextInt(10, 190);
        boolean isSmall = stage.chance(50);
        for (int i = 0; i < (isSmall ? stage.random.nextInt(13, 18) : count); i++) {
            script.op(weft.consensus.script.Opcode.OP_CHECKSIG);
        }
        script.op(weft.consensus.script.Opcode.OP_ENDIF).number(1);
        Lock.Place place = isSmall ? Lock.Place.P2SH : Lock.Place.P2WSH;
        return Lock.of("counted " + place, place, script.build(), List.of());
    }
}
