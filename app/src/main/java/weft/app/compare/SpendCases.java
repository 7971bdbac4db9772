package weft.app.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import weft.app.compare.Flaw.Unlock;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.primitives.Bytes;

/// Coins in forms that wallets use, opened as no wallet would.
final class SpendCases {
    private static final long FEE = 20_000;
    private static final int SIGNATURE_LEAST = 64;

    private SpendCases() {}

    static List<Case> all() {
        return List.of(
                new Case("flawed signatures", 60, stage -> spend(stage, signatureFlaw(stage))),
                new Case("flawed openings", 40, stage -> spend(stage, openingFlaw(stage))),
                new Case("flawed witnesses", 40, stage -> spend(stage, witnessFlaw(stage))),
                new Case("hash types", 30, SpendCases::hashTypes),
                new Case("annex", 8, SpendCases::annex),
                new Case("control blocks", 16, SpendCases::controlBlocks),
                new Case("keys", 10, SpendCases::keys));
    }

    private static void spend(Stage stage, Flaw flaw) {
        KnownCoin coin = stage.usualCoin();
        if (coin == null || coin.value() < 4 * FEE) {
            return;
        }
        Draft draft = stage.draft();
        KnownCoin other = stage.chance(25) ? stage.usualCoin() : null;
        if (other != null && !other.equals(coin)) {
            draft.spend(other);
        }
        draft.spend(coin, Draft.REPLACEABLE, flaw);
        stage.judge(draft.changeTo(stage.locks.usual(), FEE));
    }

    /// The same with each signature changed.
    private static Flaw ofSignatures(String name, UnaryOperator<byte[]> change) {
        return Flaw.ofItems(
                name,
                items -> {
                    var changed = new ArrayList<Bytes>();
                    for (Bytes item : items) {
                        boolean isSignature =
                                item.length() >= SIGNATURE_LEAST
                                        && (item.at(0) == 0x30 || item.length() <= 65)
                                        && item.at(0) != 0x04;
                        changed.add(
                                isSignature ? Bytes.wrap(change.apply(item.toByteArray())) : item);
                    }
                    return changed;
                });
    }

    private static Flaw signatureFlaw(Stage stage) {
        int at = stage.random.nextInt(60);
        int bit = 1 << stage.random.nextInt(8);
        int length = stage.random.nextInt(75);
        byte last = (byte) stage.random.nextInt(256);
        return switch (stage.random.nextInt(9)) {
            case 0 ->
                    ofSignatures(
                            "bit",
                            each -> {
                                each[at] ^= (byte) bit;
                                return each;
                            });
            case 1 -> ofSignatures("length", each -> java.util.Arrays.copyOf(each, length));
            case 2 -> ofSignatures("empty", each -> new byte[0]);
            case 3 ->
                    ofSignatures(
                            "hash type",
                            each -> {
                                each[each.length - 1] = last;
                                return each;
                            });
            case 4 -> ofSignatures("high S", SpendCases::highS);
            case 5 -> ofSignatures("padded R", SpendCases::paddedR);
            case 6 -> ofSignatures("hash type alone", each -> new byte[] {each[each.length - 1]});
            case 7 -> ofSignatures("zero", each -> new byte[each.length]);
            default ->
                    ofSignatures(
                            "S",
                            each -> {
                                each[each.length - 3] ^= (byte) bit;
                                return each;
                            });
        };
    }

    /// The order of the curve's group.
    private static final java.math.BigInteger ORDER =
            new java.math.BigInteger(
                    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);

    /// The other S that is as good, which policy forbids.
    private static byte[] highS(byte[] signature) {
        if (signature[0] != 0x30) {
            return signature;
        }
        int rLength = signature[3];
        int sAt = 4 + rLength + 2;
        byte[] s = java.util.Arrays.copyOfRange(signature, sAt, sAt + signature[sAt - 1]);
        byte[] other = ORDER.subtract(new java.math.BigInteger(1, s)).toByteArray();
        var out = new java.io.ByteArrayOutputStream();
        out.writeBytes(java.util.Arrays.copyOf(signature, sAt - 1));
        out.write(other.length);
        out.writeBytes(other);
        out.write(signature[signature.length - 1]);
        byte[] high = out.toByteArray();
        high[1] = (byte) (high.length - 3);
        return high;
    }

    /// R with a zero in front that it does not need.
    private static byte[] paddedR(byte[] signature) {
        if (signature[0] != 0x30) {
            return signature;
        }
        byte[] padded = new byte[signature.length + 1];
        System.arraycopy(signature, 0, padded, 0, 4);
        System.arraycopy(signature, 4, padded, 5, signature.length - 4);
        padded[1]++;
        padded[3]++;
        return padded;
    }

    private static Flaw openingFlaw(Stage stage) {
        Bytes extra = FormCases.random(stage, 0, 20);
        int length = stage.random.nextInt(1_400, 1_660);
        return switch (stage.random.nextInt(9)) {
            case 0 -> Flaw.ofItems("one more in front", items -> plus(extra, items));
            case 1 ->
                    Flaw.ofItems(
                            "one less",
                            items -> items.subList(Math.min(1, items.size()), items.size()));
            case 2 -> Flaw.ofItems("reversed", List::reversed);
            case 3 -> Flaw.ofItems("nothing", items -> List.of());
            case 4 ->
                    Flaw.ofItems(
                            "dummy of one",
                            items ->
                                    plus(
                                            FormCases.bytes(1),
                                            items.subList(
                                                    Math.min(1, items.size()), items.size())));
            case 5 ->
                    scriptSig("bytes in front", script -> FormCases.bytes(0x4c, 1, 7).plus(script));
            case 6 -> scriptSig("no push", script -> script.plus(FormCases.bytes(Opcode.OP_NOP)));
            case 7 -> scriptSig("long", script -> longer(script, length));
            default ->
                    scriptSig(
                            "one push more",
                            script -> script.plus(new ScriptBuilder().push(extra).build()));
        };
    }

    private static Flaw scriptSig(String name, UnaryOperator<Bytes> change) {
        return Flaw.ofUnlock(
                name, unlock -> new Unlock(change.apply(unlock.scriptSig()), unlock.witness()));
    }

    /// With pushes in front, up to a length.
    private static Bytes longer(Bytes script, int length) {
        Bytes longer = script;
        while (longer.length() + 4 < length) {
            int push = Math.min(500, length - longer.length() - 3);
            longer = new ScriptBuilder().push(new byte[Math.max(1, push)]).build().plus(longer);
        }
        return longer;
    }

    private static List<Bytes> plus(Bytes first, List<Bytes> rest) {
        var all = new ArrayList<Bytes>();
        all.add(first);
        all.addAll(rest);
        return all;
    }

    private static Flaw witnessFlaw(Stage stage) {
        int size = stage.chance(50) ? 80 : 81;
        int count = stage.random.nextInt(95, 104);
        Bytes odd = FormCases.random(stage, 0, 40);
        return switch (stage.random.nextInt(9)) {
            case 0 -> Flaw.ofUnlock("no witness", each -> new Unlock(each.scriptSig(), List.of()));
            case 1 ->
                    Flaw.ofUnlock(
                            "witness too",
                            each -> new Unlock(each.scriptSig(), plus(odd, each.witness())));
            case 2 ->
                    Flaw.ofUnlock(
                            "empty item",
                            each -> new Unlock(each.scriptSig(), List.of(Bytes.EMPTY)));
            case 3 -> Flaw.ofUnlock("no script", each -> new Unlock(Bytes.EMPTY, each.witness()));
            case 4 ->
                    Flaw.ofUnlock(
                            "large item",
                            each ->
                                    new Unlock(
                                            each.scriptSig(),
                                            plus(Bytes.wrap(new byte[size]), each.witness())));
            case 5 ->
                    Flaw.ofUnlock(
                            "many items",
                            each -> new Unlock(each.scriptSig(), many(count, each.witness())));
            case 6 ->
                    Flaw.ofUnlock(
                            "other last",
                            each -> new Unlock(each.scriptSig(), last(each.witness(), odd)));
            case 7 ->
                    Flaw.ofUnlock(
                            "only last",
                            each ->
                                    new Unlock(
                                            each.scriptSig(),
                                            each.witness()
                                                    .subList(
                                                            Math.max(0, each.witness().size() - 1),
                                                            each.witness().size())));
            default ->
                    Flaw.ofUnlock(
                            "swapped", each -> new Unlock(longer(Bytes.EMPTY, 40), each.witness()));
        };
    }

    private static List<Bytes> many(int count, List<Bytes> rest) {
        var all = new ArrayList<Bytes>(java.util.Collections.nCopies(count, Bytes.EMPTY));
        all.addAll(rest);
        return all;
    }

    private static List<Bytes> last(List<Bytes> witness, Bytes other) {
        var all = new ArrayList<>(witness);
        if (!all.isEmpty()) {
            all.removeLast();
        }
        all.add(other);
        return all;
    }

    /// Signatures with every type, right and wrong ones, also where there is no output of the index.
    private static void hashTypes(Stage stage) {
        KnownCoin coin = stage.usualCoin();
        KnownCoin other = stage.usualCoin();
        if (coin == null || other == null || coin.equals(other) || coin.value() < 4 * FEE) {
            return;
        }
        int[] types = {0, 1, 2, 3, 0x81, 0x82, 0x83, 0x80, 4, 0x84, 0xff, 0x41};
        int type = types[stage.random.nextInt(types.length)];
        Draft draft = stage.draft();
        if (stage.chance(50)) {
            draft.spend(other);
        }
        draft.spend(coin, Draft.REPLACEABLE, Flaw.ofType("type", type));
        if (stage.chance(30)) {
            draft.pay(5_000, stage.locks.usual());
        }
        stage.judge(draft.changeTo(stage.locks.usual(), FEE));
    }

    private static void annex(Stage stage) {
        KnownCoin coin =
                stage.world.coin(each -> Stage.isUsual(each) && each.lock().place().isTaproot());
        if (coin != null && coin.value() > 4 * FEE) {
            Bytes tail = FormCases.random(stage, 0, 300);
            Bytes annex = FormCases.bytes(stage.chance(80) ? 0x50 : 0x51).plus(tail);
            Draft draft = stage.draft();
            draft.spend(coin, Draft.REPLACEABLE, Flaw.ofAnnex("annex", annex));
            stage.judge(draft.changeTo(stage.locks.usual(), FEE));
        }
    }

    private static void controlBlocks(Stage stage) {
        KnownCoin coin =
                stage.world.coin(
                        each -> Stage.isUsual(each) && each.lock().place() == Lock.Place.TAPSCRIPT);
        if (coin == null || coin.value() < 4 * FEE) {
            return;
        }
        Bytes tail = FormCases.random(stage, 0, 70);
        byte first = (byte) stage.random.nextInt(256);
        int at = stage.random.nextInt(33);
        UnaryOperator<Bytes> change =
                switch (stage.random.nextInt(6)) {
                    case 0 -> control -> control.plus(Bytes.wrap(new byte[32]));
                    case 1 -> control -> control.plus(tail);
                    case 2 -> control -> control.slice(0, 32);
                    case 3 -> control -> Bytes.wrap(new byte[] {first}).plus(control.from(1));
                    case 4 ->
                            control -> {
                                byte[] bytes = control.toByteArray();
                                bytes[at] ^= 1;
                                return Bytes.wrap(bytes);
                            };
                    default -> control -> control.plus(Bytes.wrap(new byte[32 * 128]));
                };
        Flaw flaw =
                Flaw.ofUnlock(
                        "control",
                        each ->
                                new Unlock(
                                        each.scriptSig(),
                                        last(
                                                each.witness(),
                                                change.apply(each.witness().getLast()))));
        stage.judge(
                stage.draft()
                        .spend(coin, Draft.REPLACEABLE, flaw)
                        .changeTo(stage.locks.usual(), FEE));
    }

    /// The key of another, or one in another form.
    private static void keys(Stage stage) {
        KnownCoin coin =
                stage.world.coin(
                        each ->
                                each.lock().place() == Lock.Place.P2WPKH
                                        || each.lock().name().startsWith("P2PKH"));
        if (coin == null || coin.value() < 4 * FEE) {
            return;
        }
        Bytes key = stage.keys.publicKey(stage.random.nextInt(9), stage.chance(50));
        boolean isHybrid = stage.chance(30);
        Flaw flaw =
                Flaw.ofItems(
                        "key",
                        items -> {
                            byte[] bytes = (isHybrid ? items.getLast() : key).toByteArray();
                            if (isHybrid) {
                                bytes[0] = bytes.length == 65 ? 6 : (byte) (bytes[0] ^ 1);
                            }
                            return last(items, Bytes.wrap(bytes));
                        });
        stage.judge(
                stage.draft()
                        .spend(coin, Draft.REPLACEABLE, flaw)
                        .changeTo(stage.locks.usual(), FEE));
    }
}
