package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.PeerId;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Wtxid;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

class TxOrphanageTest implements SeenRed {
    private static final long MINUTE = 60_000_000_000L;

    /// @param from who has it, first of all who gave it
    private record Naive(Transaction tx, List<PeerId> from, long expires) {
        Naive(Transaction tx, PeerId from, long expires) {
            this(tx, new ArrayList<>(List.of(from)), expires);
        }

        boolean spends(Transaction parent) {
            return tx.inputs().stream()
                    .anyMatch(
                            in ->
                                    in.prevout().txid().equals(parent.txid())
                                            && in.prevout().index() < parent.outputs().size());
        }
    }

    private static Transaction tx(SplittableRandom random, List<Transaction> parents) {
        var inputs = new ArrayList<TxIn>();
        for (Transaction parent : parents) {
            inputs.add(
                    new TxIn(
                            new OutPoint(parent.txid(), random.nextInt(3)),
                            Bytes.EMPTY,
                            random.nextInt(100)));
        }
        var outputs =
                List.of(new TxOut(random.nextInt(1000), Bytes.EMPTY), new TxOut(2, Bytes.EMPTY));
        return Transaction.of(2, inputs, outputs, List.of(), random.nextInt(1000));
    }

    private static Block block(List<Transaction> transactions) {
        return Block.of(new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 0, 0, 0), transactions);
    }

    @Test
    void shouldAgreeWithTheNaiveModel() {
        Property.holds(
                60,
                random -> {
                    var real = new TxOrphanage(Log.NONE);
                    var model = new ArrayList<Naive>();
                    var work = new TreeMap<PeerId, Set<Wtxid>>();
                    var parents = new ArrayList<Transaction>();
                    for (int i = 0; i < 8; i++) {
                        parents.add(tx(random, List.of()));
                    }
                    var seen = new ArrayList<Transaction>();
                    long now = 0;
                    for (int i = 0; i < 200; i++) {
                        now += random.nextLong(MINUTE);
                        Transaction parent = parents.get(random.nextInt(parents.size()));
                        var peer = new PeerId(random.nextInt(3));
                        switch (random.nextInt(9)) {
                            case 0, 1, 2 -> {
                                boolean again = !seen.isEmpty() && random.nextInt(4) == 0;
                                Transaction other = parents.get(random.nextInt(parents.size()));
                                Transaction orphan =
                                        again
                                                ? seen.get(random.nextInt(seen.size()))
                                                : tx(random, List.of(parent, other));
                                seen.add(orphan);
                                add(real, model, new Naive(orphan, peer, now));
                            }
                            case 3 -> {
                                if (!seen.isEmpty()) {
                                    Transaction gone = seen.get(random.nextInt(seen.size()));
                                    assertThat(real.remove(gone.wtxid()))
                                            .isEqualTo(
                                                    model.removeIf(each -> each.tx().equals(gone)));
                                }
                            }
                            case 4 -> {
                                real.onParent(parent);
                                noteWork(model, parent, work);
                            }
                            case 5 -> {
                                Set<Wtxid> own = work.getOrDefault(peer, new TreeSet<>());
                                checkWork(real, model, own, peer);
                            }
                            case 6 -> spend(real, model, tx(random, List.of(parent)));
                            case 7 -> {
                                if (!seen.isEmpty()) {
                                    Transaction had = seen.get(random.nextInt(seen.size()));
                                    boolean known = announce(model, had, peer);
                                    assertThat(real.announce(had.wtxid(), peer)).isEqualTo(known);
                                }
                            }
                            default -> {
                                real.removePeer(peer);
                                leave(model, work, peer);
                            }
                        }
                        // What is gone is not offered again when it comes back.
                        Set<Wtxid> here = ids(model);
                        work.values().forEach(ids -> ids.retainAll(here));
                        assertThat(real.size()).isEqualTo(model.size());
                        for (Naive each : model) {
                            assertThat(real.contains(each.tx().wtxid())).isTrue();
                        }
                        checkChildren(real, model, parent, peer);
                    }
                });
    }

    private static void noteWork(
            List<Naive> model, Transaction parent, Map<PeerId, Set<Wtxid>> work) {
        for (Naive each : model) {
            if (each.spends(parent)) {
                work.computeIfAbsent(each.from().getFirst(), _ -> new TreeSet<>())
                        .add(each.tx().wtxid());
            }
        }
    }

    private static Set<Wtxid> ids(List<Naive> model) {
        var ids = new TreeSet<Wtxid>();
        model.forEach(each -> ids.add(each.tx().wtxid()));
        return ids;
    }

    private static void add(TxOrphanage real, List<Naive> model, Naive heard) {
        Transaction orphan = heard.tx();
        PeerId from = heard.from().getFirst();
        boolean known = announce(model, orphan, from);
        assertThat(real.add(orphan, from, heard.expires())).isEqualTo(!known);
        if (!known) {
            model.add(new Naive(orphan, from, heard.expires() + TxOrphanage.EXPIRE_NANOS));
        }
    }

    private static boolean announce(List<Naive> model, Transaction orphan, PeerId peer) {
        for (Naive each : model) {
            if (each.tx().equals(orphan)) {
                if (!each.from().contains(peer)) {
                    each.from().add(peer);
                }
                return true;
            }
        }
        return false;
    }

    /// What a peer had to offer again, the next offers who has it too.
    private static void leave(List<Naive> model, Map<PeerId, Set<Wtxid>> work, PeerId peer) {
        Set<Wtxid> its = work.getOrDefault(peer, new TreeSet<>());
        work.remove(peer);
        for (Naive each : model) {
            each.from().remove(peer);
            if (!each.from().isEmpty() && its.contains(each.tx().wtxid())) {
                work.computeIfAbsent(each.from().getFirst(), _ -> new TreeSet<>())
                        .add(each.tx().wtxid());
            }
        }
        model.removeIf(each -> each.from().isEmpty());
    }

    private static void checkChildren(
            TxOrphanage real, List<Naive> model, Transaction parent, PeerId peer) {
        List<Naive> children = model.stream().filter(each -> each.spends(parent)).toList();
        assertThat(real.childrenFrom(parent, peer))
                .containsExactlyElementsOf(
                        children.reversed().stream()
                                .filter(each -> each.from().contains(peer))
                                .map(Naive::tx)
                                .toList());
        assertThat(real.childrenFromOthers(parent, peer))
                .containsExactlyInAnyOrderElementsOf(
                        children.stream()
                                .filter(each -> !each.from().contains(peer))
                                .map(
                                        each ->
                                                new TxOrphanage.Child(
                                                        each.tx(), each.from().getFirst()))
                                .toList());
    }

    private static void spend(TxOrphanage real, List<Naive> model, Transaction spender) {
        real.onConnected(block(List.of(spender)));
        var coin = spender.inputs().getFirst().prevout();
        model.removeIf(
                each -> each.tx().inputs().stream().anyMatch(in -> in.prevout().equals(coin)));
    }

    /// What a peer has to offer again, in the order of ids; what is gone in the meantime is passed over.
    private static void checkWork(
            TxOrphanage real, List<Naive> model, Set<Wtxid> work, PeerId peer) {
        var polled = new ArrayList<Wtxid>();
        Transaction next = real.pollToReconsider(peer);
        while (next != null) {
            polled.add(next.wtxid());
            next = real.pollToReconsider(peer);
        }
        work.removeIf(wtxid -> model.stream().noneMatch(each -> each.tx().wtxid().equals(wtxid)));
        assertThat(polled).containsExactlyElementsOf(work);
        work.clear();
    }

    @Test
    void shouldEvictRandomOnesAboveTheLimitAndOldOnesAfterTwentyMinutes() {
        var random = new SplittableRandom(7);
        var orphanage = new TxOrphanage(Log.NONE);
        Transaction parent = tx(random, List.of());
        orphanage.limit(100, 0, random);
        for (int i = 0; i < 130; i++) {
            orphanage.add(tx(random, List.of(parent)), new PeerId(1), i);
            orphanage.limit(100, i, random);
        }
        assertThat(orphanage.size()).isEqualTo(100);
        orphanage.limit(100, 20 * MINUTE + 100, random);
        int after = orphanage.size();
        orphanage.limit(100, 26 * MINUTE, random);
        assertThat(after).isBetween(0, 100);
        assertThat(orphanage.size()).isZero();
    }

    private static Transaction heavy(SplittableRandom random, Transaction parent, int bytes) {
        var outputs = List.of(new TxOut(1, Bytes.wrap(new byte[bytes])));
        var input = new TxIn(new OutPoint(parent.txid(), 0), Bytes.EMPTY, random.nextInt(1 << 30));
        return Transaction.of(2, List.of(input), outputs, List.of(), random.nextInt(1 << 30));
    }

    /// Whoever keeps within an equal part of the count and within 404,000 of weight loses nothing, whatever
    /// others do.
    @Test
    @DisplayName("D07 orphans of those who take more than their share")
    @Sabotage(type = "weft.p2p.tx.TxOrphanage", method = "greediest", flips = 2)
    void shouldKeepTheOrphansOfWhoUsesNoMoreThanItsShare() {
        Property.holds(
                60,
                random -> {
                    var orphanage = new TxOrphanage(Log.NONE);
                    Transaction parent = tx(random, List.of());
                    int peers = 2 + random.nextInt(4);
                    int max = 20 + random.nextInt(60);
                    var modest = new ArrayList<Transaction>();
                    int modestMax = 1 + random.nextInt(max / peers);
                    for (int i = 0; i < 300; i++) {
                        Transaction orphan =
                                random.nextInt(4) == 0
                                        ? heavy(random, parent, random.nextInt(90_000))
                                        : tx(random, List.of(parent));
                        var greedy = new PeerId(2 + random.nextInt(peers - 1));
                        orphanage.add(orphan, greedy, i);
                        if (modest.size() < modestMax) {
                            Transaction own = tx(random, List.of(parent));
                            modest.add(own);
                            orphanage.add(own, new PeerId(1), i);
                        }
                        if (!modest.isEmpty() && random.nextInt(3) == 0) {
                            // Nor does it help to claim what the modest one has.
                            Transaction claimed = modest.get(random.nextInt(modest.size()));
                            orphanage.announce(claimed.wtxid(), greedy);
                        }
                        orphanage.limit(max, i, random);
                        assertThat(orphanage.size()).isLessThanOrEqualTo(max);
                        for (Transaction each : modest) {
                            assertThat(orphanage.contains(each.wtxid())).isTrue();
                        }
                    }
                });
    }

    @Test
    @DisplayName("D07 an orphan that is too heavy")
    @Sabotage(type = "weft.p2p.tx.TxOrphanage", method = "add", constant = "400000>4000000")
    void shouldNotKeepHeavyOrphans() {
        var orphanage = new TxOrphanage(Log.NONE);
        var outputs = List.of(new TxOut(1, Bytes.wrap(new byte[100_001])));
        var heavy =
                Transaction.of(
                        2, List.of(new TxIn(OutPoint.NULL, Bytes.EMPTY, 0)), outputs, List.of(), 0);
        assertThat(orphanage.add(heavy, new PeerId(1), 0)).isFalse();
    }
}
