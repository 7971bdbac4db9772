package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.crypto.Sha256;
import weft.crypto.SipHash;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.primitives.Wtxid;
import weft.primitives.codec.ByteWriter;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.CmpctBlock;
import weft.wire.PrefilledTransaction;

/// [PartialBlock] against a model that looks at all transactions anew after each one.
class PartialBlockModelTest implements SeenRed {
    private static final BlockHeader HEADER =
            new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1, 2, 3);
    private static final long NONCE = 7;

    /// Numbers of transactions whose short ids are the same under this header and nonce, found by trying
    /// sixty million.
    private static final int[][] TWINS = {
        {38_966_142, 48_213_096},
        {31_525_927, 31_913_720},
        {34_519_437, 53_359_958},
        {38_937_561, 49_683_970},
        {19_497_053, 39_345_197},
        {31_222_868, 54_967_789},
        {47_982_074, 49_744_214}
    };

    private static final List<Transaction> POOL = pool();

    /// Short ids of the pool, worked out once.
    private static final Map<Wtxid, Long> IDS =
            POOL.stream()
                    .collect(
                            Collectors.toMap(
                                    Transaction::wtxid,
                                    PartialBlockModelTest::shortId,
                                    (a, _) -> a));

    private static List<Transaction> pool() {
        var all = new ArrayList<Transaction>();
        for (int[] twins : TWINS) {
            Arrays.stream(twins).forEach(number -> all.add(tx(number, List.of())));
        }
        for (int number = 0; number < 40; number++) {
            all.add(tx(number, List.of()));
        }
        var large = List.of(Witness.of(Bytes.wrap(new byte[900_000])));
        for (int number = 40; number < 48; number++) {
            all.add(tx(number, large));
        }
        return all;
    }

    private static Transaction tx(int number, List<Witness> witnesses) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(1, Bytes.EMPTY)),
                witnesses,
                0);
    }

    /// The 48-bit id of a transaction, as BIP-0152 tells it.
    private static long shortId(Transaction tx) {
        var keyed = new ByteWriter(88);
        HEADER.write(keyed);
        keyed.i64(NONCE);
        byte[] key = Arrays.copyOf(Sha256.hash(keyed.toByteArray()), 16);
        return SipHash.of(key).hash(tx.wtxid().toByteArray()) & 0xffff_ffff_ffffL;
    }

    /// What is to come of a compact block.
    ///
    /// @param slots the transactions in the order of the block, empty where one is unknown
    private record Model(
            PartialBlock.Status status, List<Optional<Transaction>> slots, String summary) {
        static Model failed(PartialBlock.Status status) {
            return new Model(status, List.of(), "");
        }

        static Model of(CmpctBlock compact, List<Transaction> known) {
            int count = compact.shortIds().size() + compact.prefilled().size();
            Map<Integer, Transaction> prefilled = new TreeMap<>();
            int position = -1;
            for (PrefilledTransaction each : compact.prefilled()) {
                position += each.skipped() + 1;
                prefilled.put(position, each.tx());
            }
            if (count == 0 || position >= count) {
                return failed(PartialBlock.Status.INVALID);
            }
            if (new HashSet<>(compact.shortIds()).size() < compact.shortIds().size()) {
                return failed(PartialBlock.Status.FAILED);
            }
            int looked = 0;
            Model model = of(compact, prefilled, List.of());
            // Nobody looks further once all are found, or once they are more than a block can hold.
            while (looked < known.size()
                    && model.isLight()
                    && (looked == 0 || model.slots.contains(Optional.<Transaction>empty()))) {
                looked++;
                model = of(compact, prefilled, known.subList(0, looked));
            }
            return model.isLight() ? model : failed(PartialBlock.Status.FAILED);
        }

        private static Model of(
                CmpctBlock compact, Map<Integer, Transaction> prefilled, List<Transaction> known) {
            var slots = new ArrayList<Optional<Transaction>>();
            for (Long id : compact.shortIds()) {
                while (prefilled.containsKey(slots.size())) {
                    slots.add(Optional.of(prefilled.get(slots.size())));
                }
                List<Transaction> fits =
                        known.stream()
                                .filter(each -> id.equals(IDS.get(each.wtxid())))
                                .distinct()
                                .toList();
                slots.add(fits.size() == 1 ? Optional.of(fits.getFirst()) : Optional.empty());
            }
            while (prefilled.containsKey(slots.size())) {
                slots.add(Optional.of(prefilled.get(slots.size())));
            }
            long found = slots.stream().flatMap(Optional::stream).count() - prefilled.size();
            String summary =
                    prefilled.size() + " txn prefilled, " + found + " txn from mempool and ";
            return new Model(PartialBlock.Status.OK, slots, summary);
        }

        boolean isLight() {
            return slots.stream().flatMap(Optional::stream).mapToLong(Transaction::weight).sum()
                    <= 4_000_000;
        }

        List<Integer> missing() {
            var positions = new ArrayList<Integer>();
            for (int i = 0; i < slots.size(); i++) {
                if (slots.get(i).isEmpty()) {
                    positions.add(i);
                }
            }
            return positions;
        }

        Optional<List<Transaction>> fill(List<Transaction> brought) {
            var rest = new ArrayList<>(brought);
            var whole = new ArrayList<Transaction>();
            for (Optional<Transaction> slot : slots) {
                if (slot.isEmpty() && rest.isEmpty()) {
                    return Optional.empty();
                }
                whole.add(slot.isPresent() ? slot.get() : rest.removeFirst());
            }
            return rest.isEmpty() ? Optional.of(whole) : Optional.empty();
        }
    }

    private static List<Transaction> some(int most, int large, SplittableRandom random) {
        var chosen = new ArrayList<Transaction>();
        int count = random.nextInt(most + 1);
        for (int i = 0; i < count; i++) {
            chosen.add(POOL.get(random.nextInt(POOL.size() - large)));
        }
        return chosen;
    }

    /// A compact block, now and then one that nobody honest makes.
    private static CmpctBlock compact(List<Transaction> block, SplittableRandom random) {
        int whole = random.nextInt(1, 8);
        var ids = new ArrayList<Long>();
        var prefilled = new ArrayList<PrefilledTransaction>();
        int skipped = 0;
        for (Transaction each : block) {
            if (random.nextInt(whole) == 0) {
                prefilled.add(new PrefilledTransaction(skipped, each));
                skipped = 0;
            } else {
                ids.add(IDS.get(each.wtxid()));
                skipped++;
            }
        }
        if (random.nextInt(10) == 0) {
            int more = random.nextInt(20) == 0 ? 65_000 : random.nextInt(3);
            prefilled.add(new PrefilledTransaction(skipped + more, POOL.getFirst()));
        }
        return new CmpctBlock(HEADER, NONCE, ids, prefilled);
    }

    @Test
    @DisplayName(
            "A block is put together of what is at hand as a model does that looks at all anew")
    @Sabotage(type = "weft.p2p.sync.PartialBlock", method = "put", flips = 1)
    @Sabotage(type = "weft.p2p.sync.PartialBlock", method = "put", flips = 3)
    @Sabotage(
            type = "weft.p2p.sync.PartialBlock",
            method = "isTooHeavy",
            constant = "4000000>3600000")
    @Sabotage(type = "weft.p2p.sync.PartialBlock", method = "fill", flips = 4)
    @Sabotage(
            type = "weft.p2p.sync.ShortIds",
            method = "of",
            constant = "281474976710655>140737488355327")
    void shouldPutBlocksTogetherAsTheModel() {
        Property.holds(
                600,
                random -> {
                    int large = random.nextInt(4) == 0 ? 0 : 8;
                    List<Transaction> block = some(25, large, random).stream().distinct().toList();
                    if (random.nextInt(8) == 0) {
                        block = some(10, large, random);
                    }
                    CmpctBlock compact = compact(block, random);
                    List<Transaction> known = some(100, large, random).stream().distinct().toList();
                    List<Transaction> extra = some(20, large, random);
                    var all = new ArrayList<>(known);
                    all.addAll(extra);
                    Model model = Model.of(compact, all);

                    PartialBlock.Start start = PartialBlock.of(compact, known, extra);
                    assertThat(start.status()).isEqualTo(model.status);
                    if (start.status() == PartialBlock.Status.OK) {
                        PartialBlock partial = Objects.requireNonNull(start.block());
                        assertThat(partial.missing()).isEqualTo(model.missing());
                        assertThat(partial.summary(5)).isEqualTo(model.summary + "5 txn requested");
                        List<Transaction> brought = some(20, 8, random);
                        int wanted = model.missing().size();
                        if (random.nextInt(4) > 0) {
                            brought = new ArrayList<>(POOL.subList(0, wanted));
                        }
                        assertThat(partial.fill(brought).map(Block::transactions))
                                .isEqualTo(model.fill(brought));
                    }
                });
    }
}
