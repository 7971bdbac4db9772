package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.SigVersion;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Property;

/// Real blocks with one byte changed. `-Dweft.cases=N` tries more of them.
///
/// First the block as a whole: hashes catch every byte. Then, as if somebody had made new hashes to fit, the
/// scripts alone: they catch every byte but those that were malleable by the rules of their time.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BlockMutationTest {
    private static final int CASES = Integer.getInteger("weft.cases", 2_000);

    private static final Set<String> WITNESS_REASONS =
            Set.of("bad-witness-merkle-match", "bad-witness-nonce-size", "unexpected-witness");

    private List<SpentBlock> blocks = List.of();

    @BeforeAll
    void read() {
        blocks = SpentBlock.all();
        assertThat(blocks).hasSizeGreaterThan(10);
    }

    private SpentBlock any(SplittableRandom random) {
        return blocks.get(random.nextInt(blocks.size()));
    }

    /// Why a block fails without a look at what it spends; null if it does not.
    private static @Nullable String reason(SpentBlock origin, Block block) {
        RuleFailure failure = BlockVectorsTest.check(block, origin.params());
        if (failure == null) {
            var parent =
                    new BlockVectorsTest.Parent(
                            origin.height() - 1, origin.block().header().time());
            failure = BlockCheck.checkInContext(block, parent, origin.params());
        }
        return failure == null ? null : failure.reason();
    }

    @Test
    @DisplayName("Any byte of an encoded block: cannot be read, or a hash does not fit")
    void shouldRefuseABlockWithAnyByteChanged() {
        Set<String> reasons = new TreeSet<>();
        Property.holds(
                Math.max(CASES / 20, 1),
                random -> {
                    SpentBlock origin = any(random);
                    byte[] bytes = origin.block().toByteArray();
                    int range = random.nextInt(3) == 0 ? 300 : bytes.length;
                    int at = random.nextInt(Math.min(range, bytes.length));
                    bytes[at] ^= (byte) (1 + random.nextInt(255));
                    String reason;
                    try {
                        ByteReader in = ByteReader.of(bytes);
                        Block block = Block.read(in);
                        in.expectEnd();
                        reason = reason(origin, block);
                    } catch (MalformedBytes e) {
                        reason = "malformed";
                    }
                    assertThat(reason).as(origin.name() + " byte " + at).isNotNull();
                    reasons.add(reason);
                });
        Set<String> known = new TreeSet<>(WITNESS_REASONS);
        known.addAll(Set.of("malformed", "high-hash", "bad-txnmrklroot"));
        assertThat(known).containsAll(reasons);
        assertThat(reasons).hasSizeGreaterThanOrEqualTo(CASES < 2_000 ? 1 : 4);
    }

    @Test
    @DisplayName(
            "scriptSig, script and amount change the merkle root; a witness only the commitment")
    void shouldSeeWhichHashDoesNotFit() {
        Property.holds(
                Math.max(CASES / 20, 1),
                random -> {
                    SpentBlock origin = any(random);
                    for (Place place : Place.any(origin, random)) {
                        Block block = with(origin, place.tx(), place.with(place.other(random)));
                        assertThat(reason(origin, block))
                                .as(place.toString())
                                .isEqualTo(
                                        place.item() < 0
                                                ? "bad-txnmrklroot"
                                                : "bad-witness-merkle-match");
                    }
                    int tx = random.nextInt(origin.block().transactions().size());
                    Transaction old = origin.block().transactions().get(tx);
                    Transaction other = withOutput(old, anyOutput(old, random), random);
                    assertThat(reason(origin, with(origin, tx, other)))
                            .isEqualTo("bad-txnmrklroot");
                });
    }

    private static Block with(SpentBlock origin, int index, Transaction instead) {
        List<Transaction> all = new ArrayList<>(origin.block().transactions());
        all.set(index, instead);
        return Block.of(origin.block().header(), all);
    }

    private static int anyOutput(Transaction tx, SplittableRandom random) {
        return random.nextInt(tx.outputs().size());
    }

    private static TxOut changed(TxOut out, SplittableRandom random) {
        int at = random.nextInt(8 + out.scriptPubKey().length());
        int flip = 1 + random.nextInt(255);
        if (at < 8) {
            return new TxOut(out.value() ^ ((long) flip << (8 * at)), out.scriptPubKey());
        }
        byte[] script = out.scriptPubKey().toByteArray();
        script[at - 8] ^= (byte) flip;
        return new TxOut(out.value(), Bytes.wrap(script));
    }

    private static Transaction withOutput(Transaction tx, int index, SplittableRandom random) {
        List<TxOut> outputs = new ArrayList<>(tx.outputs());
        outputs.set(index, changed(outputs.get(index), random));
        var witnesses = new ArrayList<weft.primitives.Witness>();
        for (int i = 0; i < tx.inputs().size(); i++) {
            witnesses.add(tx.witness(i));
        }
        return Transaction.of(tx.version(), tx.inputs(), outputs, witnesses, tx.lockTime());
    }

    @Test
    @DisplayName(
            "Any byte of a right signature, hash type included: the scripts fail without any hash's help")
    void shouldRefuseASignatureWithAnyByteChanged() {
        Map<SigVersion, Integer> tried = new EnumMap<>(SigVersion.class);
        Property.holds(
                CASES,
                random -> {
                    for (Place input : Place.any(any(random), random)) {
                        SignedSpend before = input.run();
                        assertThat(before.passes()).as(input.toString()).isTrue();
                        if (before.right().isEmpty()) {
                            continue;
                        }
                        SignedSpend.Right right =
                                before.right().get(random.nextInt(before.right().size()));
                        List<Place> places = input.of(right.signature());
                        assertThat(places).as(input.toString()).isNotEmpty();
                        requireFailure(places.get(random.nextInt(places.size())), before, random);
                        tried.merge(right.version(), 1, Integer::sum);
                    }
                });
        if (CASES >= 2_000) {
            assertThat(tried).containsKeys(SigVersion.BASE, SigVersion.WITNESS_V0);
            assertThat(tried).containsKeys(SigVersion.TAPROOT);
        }
    }

    @Test
    @DisplayName(
            "Any byte of a scriptSig or witness: the scripts fail but where a rule was still to come")
    void shouldRefuseAnUnlockingScriptWithAnyByteChanged() {
        Property.holds(
                CASES,
                random -> {
                    for (Place place : Place.any(any(random), random)) {
                        SignedSpend before = place.run();
                        requireFailure(place, before, random);
                    }
                });
    }

    private static void requireFailure(Place place, SignedSpend before, SplittableRandom random) {
        int value = place.other(random);
        SignedSpend after =
                SignedSpend.run(
                        place.with(value), place.spent(), place.input(), place.block().flags());
        if (!after.passes()) {
            return;
        }
        assertThat(isDerLength(place, before) || isDummy(place))
                .as(place + " may not become " + value)
                .isTrue();
        // Malleable, not forged: the same keys sign the same.
        assertThat(after.consents()).as(place.toString()).isEqualTo(before.consents());
    }

    /// Before BIP-0066 nobody read the length of a signature's outer sequence, its second byte.
    private static boolean isDerLength(Place place, SignedSpend before) {
        if (place.block().has(ScriptFlags.DERSIG)) {
            return false;
        }
        for (SignedSpend.Right right : before.right()) {
            List<Place> places = place.of(right.signature());
            for (int i = 1; i < places.size(); i += right.signature().length()) {
                if (places.get(i).equals(place)) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Before BIP-0147 the element that CHECKMULTISIG takes too many could be any.
    private static boolean isDummy(Place place) {
        return !place.block().has(ScriptFlags.NULLDUMMY)
                && place.item() < 0
                && place.at() == 0
                && place.bytes().at(0) == 0;
    }

    @Test
    @DisplayName("BIP66, BIP147: what was malleable passes without the rule and fails with it")
    void shouldHaveClosedTheHolesByRules() {
        int lengths = 0;
        int dummies = 0;
        for (SpentBlock block : blocks) {
            if (block.has(ScriptFlags.NULLDUMMY)) {
                continue;
            }
            for (int tx = 1; tx < Math.min(block.spent().size(), 300); tx++) {
                var first = new Place(block, tx, 0, -1, 0);
                Bytes script = first.bytes();
                boolean multisig = script.length() > 2 && script.at(0) == 0 && script.at(1) > 60;
                if (multisig) {
                    requireClosed(first, 0x51, ScriptFlags.NULLDUMMY);
                    dummies++;
                } else if (script.length() > 9
                        && script.at(1) == 0x30
                        && !block.has(ScriptFlags.DERSIG)) {
                    requireClosed(new Place(block, tx, 0, -1, 2), 0x7f, ScriptFlags.DERSIG);
                    lengths++;
                }
            }
        }
        assertThat(lengths).isGreaterThan(100);
        assertThat(dummies).isGreaterThan(10);
    }

    private static void requireClosed(Place place, int value, int rule) {
        Transaction tx = place.with(value);
        int flags = place.block().flags();
        SignedSpend without = SignedSpend.run(tx, place.spent(), place.input(), flags);
        assertThat(without.passes()).as(place.toString()).isTrue();
        assertThat(without.consents()).isEqualTo(place.run().consents());
        assertThat(SignedSpend.run(tx, place.spent(), place.input(), flags | rule).passes())
                .as(place.toString())
                .isFalse();
    }

    @Test
    @DisplayName("Any byte of an output: every signature that covers outputs fails")
    void shouldRefuseOutputsThatNobodySigned() {
        int[] tried = new int[1];
        Property.holds(
                CASES / 2,
                random -> {
                    for (Place place : Place.any(any(random), random)) {
                        SignedSpend before = place.run();
                        int output = anyOutput(place.transaction(), random);
                        if (before.right().stream().noneMatch(r -> covers(r, place, output))) {
                            continue;
                        }
                        Transaction tx = withOutput(place.transaction(), output, random);
                        assertThat(
                                        SignedSpend.run(
                                                        tx,
                                                        place.spent(),
                                                        place.input(),
                                                        place.block().flags())
                                                .passes())
                                .as(place + " output " + output)
                                .isFalse();
                        tried[0]++;
                    }
                });
        assertThat(tried[0]).isGreaterThan(CASES / 4);
    }

    /// Whether a signature covers an output: NONE covers none, SINGLE that of its own index.
    private static boolean covers(SignedSpend.Right right, Place place, int output) {
        return switch (right.type() & 0x1f) {
            case 2 -> false;
            case 3 -> output == place.input();
            default -> true;
        };
    }

    @Test
    @DisplayName(
            "Any byte of a spent amount: the block does not balance; witnesses sign amounts, too")
    void shouldRefuseOtherAmountsSpent() {
        int[] signed = new int[1];
        blocks.forEach(
                block -> assertThat(block.leftOver(0, List.of())).as(block.name()).hasValue(0));
        Property.holds(
                CASES / 4,
                random -> {
                    for (Place place : Place.any(any(random), random)) {
                        TxOut old = place.spent().get(place.input());
                        long flip = (1L + random.nextInt(255)) << (8 * random.nextInt(8));
                        var other = new TxOut(old.value() ^ flip, old.scriptPubKey());
                        List<TxOut> spent = with(place.spent(), place.input(), other);
                        var left = place.block().leftOver(place.tx(), spent);
                        assertThat(left.isPresent() && left.getAsLong() == 0)
                                .as(place.toString())
                                .isFalse();
                        boolean covered =
                                place.run().right().stream()
                                        .anyMatch(r -> r.version() != SigVersion.BASE);
                        SignedSpend after = run(place, spent);
                        assertThat(after.passes()).as(place.toString()).isEqualTo(!covered);
                        signed[0] += covered ? 1 : 0;
                    }
                });
        assertThat(signed[0]).isGreaterThan(CASES / 100);
    }

    private static List<TxOut> with(List<TxOut> outs, int index, TxOut instead) {
        List<TxOut> copy = new ArrayList<>(outs);
        copy.set(index, instead);
        return copy;
    }

    private static SignedSpend run(Place place, List<TxOut> spent) {
        return SignedSpend.run(place.transaction(), spent, place.input(), place.block().flags());
    }

    /// A byte of a hash or key always matters. Another operation may make the script one that asks for no
    /// signature (an EQUAL that became a NOP, a witness version to come), but never one that takes one which
    /// was made for the old script.
    @Test
    @DisplayName("Any byte of a spent script: fails, or no signature was asked for")
    void shouldRefuseOtherScriptsSpent() {
        int[] hashes = new int[1];
        Property.holds(
                CASES,
                random -> {
                    for (Place place : Place.any(any(random), random)) {
                        TxOut old = place.spent().get(place.input());
                        byte[] script = old.scriptPubKey().toByteArray();
                        if (script.length == 0) {
                            continue;
                        }
                        int at = random.nextInt(script.length);
                        script[at] ^= (byte) (1 + random.nextInt(255));
                        var other = new TxOut(old.value(), Bytes.wrap(script));
                        SignedSpend after = run(place, with(place.spent(), place.input(), other));
                        boolean isHash = isHashOrKey(old.scriptPubKey(), at);
                        hashes[0] += isHash ? 1 : 0;
                        if (after.passes()) {
                            assertThat(isHash).as(place + " script byte " + at).isFalse();
                            assertThat(after.right()).as(place + " script byte " + at).isEmpty();
                        }
                    }
                });
        assertThat(hashes[0]).isGreaterThan(CASES / 2);
    }

    /// Whether a byte is part of the one push of a P2PKH, P2SH, P2PK or witness program.
    private static boolean isHashOrKey(Bytes script, int at) {
        return switch (script.length()) {
            case 25 -> script.at(0) == 0x76 && script.at(2) == 20 && at >= 3 && at < 23;
            case 23 -> script.at(0) == 0xa9 && script.at(1) == 20 && at >= 2 && at < 22;
            case 22, 34 -> script.at(1) == script.length() - 2 && at >= 2;
            case 35, 67 -> script.at(0) == script.length() - 2 && at >= 1 && at <= script.at(0);
            default -> false;
        };
    }
}
