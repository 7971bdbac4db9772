package weft.app.compare;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.app.compare.Locks.Kind;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;

/// What a transaction looks like, without its scripts: numbers, sizes, amounts, outputs.
final class FormCases {
    private static final long COIN = 100_000_000L;
    private static final long MONEY_MAX = 21_000_000 * COIN;
    private static final int WEIGHT_MAX = 400_000;
    private static final long FEE = 20_000;

    private FormCases() {}

    static List<Case> all() {
        return List.of(
                new Case("usual", 60, FormCases::usual),
                new Case("version", 8, FormCases::version),
                new Case("empty lists", 4, FormCases::emptyLists),
                new Case("inputs twice or null", 6, FormCases::oddInputs),
                new Case("coinbase alone", 4, FormCases::coinbaseAlone),
                new Case("amounts", 12, FormCases::amounts),
                new Case("outputs' scripts", 30, FormCases::outputScripts),
                new Case("dust", 16, FormCases::dust),
                new Case("small", 6, FormCases::small),
                new Case("large", 3, FormCases::large),
                new Case("malformed", 6, FormCases::malformed),
                new Case("burning", 5, FormCases::burning));
    }

    /// Some coins in forms that wallets use, to such forms.
    private static void usual(Stage stage) {
        Draft draft = stage.draft();
        int inputs = 1 + stage.random.nextInt(3);
        var spent = new ArrayList<OutPoint>();
        for (int i = 0; i < inputs; i++) {
            KnownCoin coin =
                    stage.chance(70) ? stage.usualCoin() : stage.world.poolCoin(Stage::isUsual);
            if (coin != null && !spent.contains(coin.outPoint())) {
                spent.add(coin.outPoint());
                draft.spend(coin);
            }
        }
        if (draft.valueIn() < 10 * FEE) {
            return;
        }
        int outputs = stage.random.nextInt(3);
        for (int i = 0; i < outputs; i++) {
            draft.pay(draft.valueIn() / 5, stage.locks.usual());
        }
        stage.judge(draft.changeAtRate(stage.locks.usual(), stage.anyRate()));
    }

    private static @Nullable Draft simple(Stage stage) {
        KnownCoin coin = stage.usualCoin();
        return coin == null || coin.value() < 4 * FEE ? null : stage.draft().spend(coin);
    }

    private static void version(Stage stage) {
        Draft draft = simple(stage);
        if (draft != null) {
            long[] versions = {0, 1, 2, 3, 4, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL};
            draft.version(versions[stage.random.nextInt(versions.length)]);
            stage.judge(draft.changeTo(stage.locks.usual(), FEE));
        }
    }

    private static void emptyLists(Stage stage) {
        Draft draft = simple(stage);
        if (draft != null) {
            boolean noInputs = stage.chance(50);
            stage.judge(noInputs ? stage.draft().pay(FEE, stage.locks.usual()) : draft);
        }
    }

    private static Txid anyTxid(Stage stage) {
        byte[] bytes = new byte[32];
        stage.random.nextBytes(bytes);
        return Txid.of(bytes);
    }

    private static void oddInputs(Stage stage) {
        KnownCoin coin = stage.usualCoin();
        if (coin == null) {
            return;
        }
        Draft draft = stage.draft().spend(coin);
        switch (stage.random.nextInt(5)) {
            case 0 -> draft.spend(coin);
            case 1 -> draft.spend(new KnownCoin(OutPoint.NULL, coin.output(), coin.lock(), -1));
            case 2 -> draft.spend(at(new OutPoint(anyTxid(stage), 0), coin));
            case 3 -> draft.spend(at(new OutPoint(coin.outPoint().txid(), 99_999), coin));
            default -> draft.spend(at(new OutPoint(Txid.ZERO, 0), coin));
        }
        stage.judge(draft.pay(coin.value() / 2, stage.locks.usual()));
    }

    private static KnownCoin at(OutPoint outPoint, KnownCoin coin) {
        return new KnownCoin(outPoint, coin.output(), coin.lock(), -1);
    }

    private static void coinbaseAlone(Stage stage) {
        int[] lengths = {0, 1, 2, 3, 99, 100, 101};
        byte[] script = new byte[lengths[stage.random.nextInt(lengths.length)]];
        stage.random.nextBytes(script);
        var input = new TxIn(OutPoint.NULL, Bytes.wrap(script), TxIn.SEQUENCE_FINAL);
        var output = new TxOut(FEE, stage.locks.usual().scriptPubKey(stage.keys));
        stage.judge(raw(stage, Transaction.of(2, List.of(input), List.of(output), List.of(), 0)));
    }

    /// A transaction whose outputs are nobody's.
    private static Transaction raw(Stage stage, Transaction tx) {
        stage.know(tx);
        return tx;
    }

    private static void amounts(Stage stage) {
        KnownCoin coin = stage.usualCoin();
        if (coin == null) {
            return;
        }
        long[] values = {
            -1,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            MONEY_MAX,
            MONEY_MAX + 1,
            MONEY_MAX - 1,
            coin.value(),
            coin.value() + 1,
            coin.value() - 1,
            coin.value() - 100
        };
        Draft draft = stage.draft().spend(coin);
        draft.pay(values[stage.random.nextInt(values.length)], stage.locks.usual());
        if (stage.chance(40)) {
            draft.pay(stage.chance(50) ? MONEY_MAX : FEE, stage.locks.usual());
        }
        stage.judge(draft);
    }

    /// Scripts at the borders of what is standard.
    private static Bytes outputScript(Stage stage) {
        var script = new ScriptBuilder();
        int choice = stage.random.nextInt(16);
        return switch (choice) {
            case 0 -> script.op(Opcode.OP_1).build();
            case 1 -> Bytes.EMPTY;
            case 2, 3 -> script.op(Opcode.OP_RETURN).push(new byte[choice == 2 ? 80 : 81]).build();
            case 4 -> script.op(Opcode.OP_RETURN).raw(bytes(0x4c, 5, 1, 2)).build();
            case 5 -> script.op(Opcode.OP_RETURN).op(Opcode.OP_ADD).build();
            case 6 -> script.op(Opcode.OP_RETURN).op(Opcode.OP_RESERVED).number(7).build();
            case 7 -> multisig(stage, stage.random.nextInt(5), 1 + stage.random.nextInt(4));
            case 8 -> Locks.program("p", stage.random.nextInt(17), random(stage, 2, 42)).script();
            case 9 -> Locks.anchor().script();
            case 10 -> script.push(random(stage, 30, 70)).op(Opcode.OP_CHECKSIG).build();
            case 11 -> script.push(stage.keys.publicKey(3, false)).op(Opcode.OP_CHECKSIG).build();
            case 12 -> random(stage, 0, 60);
            case 13 -> random(stage, 9_999, 10_003);
            case 14 -> script.op(Opcode.OP_HASH160).push(random(stage, 19, 22)).op(0x87).build();
            default -> script.op(Opcode.OP_RETURN).build();
        };
    }

    static Bytes bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return Bytes.wrap(bytes);
    }

    static Bytes random(Stage stage, int least, int most) {
        byte[] bytes = new byte[stage.random.nextInt(least, most)];
        stage.random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private static Bytes multisig(Stage stage, int wanted, int of) {
        var script = new ScriptBuilder().number(wanted);
        for (int i = 0; i < of; i++) {
            boolean isOdd = stage.chance(20);
            script.push(isOdd ? random(stage, 33, 34) : stage.keys.compressed(i));
        }
        return script.number(of).op(Opcode.OP_CHECKMULTISIG).build();
    }

    private static void outputScripts(Stage stage) {
        Draft draft = simple(stage);
        if (draft == null) {
            return;
        }
        int count = 1 + stage.random.nextInt(2);
        for (int i = 0; i < count; i++) {
            long value = stage.chance(50) ? 1_000 : 0;
            draft.payScript(value, outputScript(stage), stage.locks.usual());
        }
        Transaction tx = draft.changeTo(stage.locks.usual(), FEE).sign();
        stage.know(tx);
        stage.judge(tx);
    }

    private static void dust(Stage stage) {
        Draft draft = simple(stage);
        if (draft == null) {
            return;
        }
        Lock lock = stage.chance(15) ? Locks.anchor() : stage.locks.usual();
        int script = lock.scriptPubKey(stage.keys).length();
        boolean isWitness = lock.place().hasWitness() && script != 23;
        long spend = 8L + (script < 0xfd ? 1 : 3) + script + (isWitness ? 67 : 148);
        long threshold = spend * 3;
        draft.pay(Math.max(0, threshold - 2 + stage.random.nextInt(4)), lock);
        stage.judge(draft.changeTo(stage.locks.usual(), FEE));
    }

    /// As few bytes as may be, and fewer.
    private static void small(Stage stage) {
        KnownCoin coin = stage.world.coin(each -> each.lock().place() == Lock.Place.P2WPKH);
        if (coin == null) {
            return;
        }
        Bytes data = random(stage, 0, 8);
        Bytes script = new ScriptBuilder().op(Opcode.OP_RETURN).raw(pushOf(data)).build();
        Draft draft = stage.draft().spend(coin);
        long value = stage.chance(50) ? 0 : coin.value() - FEE;
        Transaction tx = draft.payScript(value, script, stage.locks.usual()).sign();
        stage.know(tx);
        stage.judge(tx);
    }

    private static Bytes pushOf(Bytes data) {
        return data.isEmpty() ? data : new ScriptBuilder().push(data).build();
    }

    /// Around the largest weight.
    private static void large(Stage stage) {
        Draft draft = simple(stage);
        if (draft == null) {
            return;
        }
        Lock lock = stage.locks.of(stage.chance(50) ? Kind.P2WPKH : Kind.P2TR_KEY);
        int each = 4 * (9 + lock.scriptPubKey(stage.keys).length());
        int room = WEIGHT_MAX - draft.sign().weight() - 4 * 2;
        int count = room / each - 1;
        if (draft.valueIn() < count * 400L + 150_000) {
            return;
        }
        for (int i = 0; i < count; i++) {
            draft.pay(400, lock);
        }
        // What is missing to the limit stands in one more output; up to four too much.
        int left = (room - count * each) / 4 - 9 - 2 + stage.random.nextInt(4);
        byte[] script = new byte[Math.max(2, left)];
        script[0] = Opcode.OP_RETURN;
        script[1] = (byte) (script.length - 2);
        draft.payScript(0, Bytes.wrap(script), lock);
        long fee = draft.valueIn() - draft.valueOut();
        Transaction tx = draft.sign();
        stage.know(tx);
        if (fee > 0 && stage.chance(50)) {
            stage.judge(tx);
        } else {
            stage.judge(draft.changeTo(lock, 150_000));
        }
    }

    /// Text that is no transaction, or more than one.
    private static void malformed(Stage stage) {
        Draft draft = simple(stage);
        if (draft == null) {
            return;
        }
        Transaction tx = stage.sign(draft.changeTo(stage.locks.usual(), FEE));
        String hex = Bytes.wrap(tx.toByteArray()).toHex();
        int cut = 2 * stage.random.nextInt(hex.length() / 2);
        String text =
                switch (stage.random.nextInt(6)) {
                    case 0 -> hex + "00";
                    case 1 -> hex.substring(0, cut);
                    case 2 ->
                            hex.substring(0, cut)
                                    + "ff"
                                    + hex.substring(Math.min(cut + 2, hex.length()));
                    case 3 -> hex.substring(0, 8) + "0001" + hex.substring(8);
                    case 4 -> hex + "zz";
                    default -> hex.substring(0, 8) + "0002" + hex.substring(8);
                };
        stage.tally.of("malformed").transactions++;
        stage.ask("decoderawtransaction", text);
        String answer = stage.ask("testmempoolaccept", List.of(text), 0);
        stage.tally.of("malformed").refused += answer.startsWith("error") ? 1 : 0;
        stage.ask("sendrawtransaction", text, 0);
        stage.lookNow();
    }

    /// Fees and burnt amounts above what the caller wants.
    private static void burning(Stage stage) {
        KnownCoin coin = stage.world.coin(each -> Stage.isUsual(each) && each.value() > 4_000_000);
        if (coin == null) {
            return;
        }
        Draft draft = stage.draft().spend(coin);
        if (stage.chance(50)) {
            Bytes script = new ScriptBuilder().op(Opcode.OP_RETURN).push(new byte[10]).build();
            draft.payScript(1_000, script, stage.locks.usual());
        }
        long fee = stage.chance(50) ? 3_000_000 : FEE;
        Transaction tx = stage.sign(draft.changeTo(stage.locks.usual(), fee));
        stage.tally.of("burning").transactions++;
        String hex = Bytes.wrap(tx.toByteArray()).toHex();
        stage.ask("testmempoolaccept", List.of(hex));
        stage.ask("testmempoolaccept", List.of(hex), "0.3");
        stage.ask("testmempoolaccept", List.of(hex), 1);
        boolean isIn = stage.send(tx, 0.1, stage.chance(50) ? "0.00001" : "0.00000999");
        if (!isIn) {
            stage.send(tx, "0.5", "0.00001");
        }
    }

    /// A transaction with another witness.
    static Transaction withWitness(Transaction tx, int input, Witness witness) {
        var witnesses = new ArrayList<Witness>();
        for (int i = 0; i < tx.inputs().size(); i++) {
            witnesses.add(i == input ? witness : tx.witness(i));
        }
        return Transaction.of(tx.version(), tx.inputs(), tx.outputs(), witnesses, tx.lockTime());
    }
}
