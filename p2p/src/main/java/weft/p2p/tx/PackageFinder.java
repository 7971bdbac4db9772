package weft.p2p.tx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.Origin;
import weft.crypto.Sha256;
import weft.p2p.PeerId;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;

/// Finds an orphan that may pay for its parent, which failed for its fee alone.
///
/// - Children of the peer that sent the parent come first, the newest before others.
///   *Rationale:* who replaces a child pays more with each; and false children that an attacker sends do
///   not stand before the one that an honest peer sent with its parent.
/// - Else one of another peer, chosen by chance. *Rationale:* parent and child may have come from different
///   peers, for each is asked of one only.
/// - No pair is tried twice until the tip changes.
final class PackageFinder {
    private final TxOrphanage orphanage;
    private final RecentRejects rejects;
    private final RandomGenerator random;

    /// Pairs that are with the chain engine now.
    private final Set<Digest256> open = new HashSet<>();

    PackageFinder(TxOrphanage orphanage, RecentRejects rejects, RandomGenerator random) {
        this.orphanage = orphanage;
        this.rejects = rejects;
        this.random = random;
    }

    /// What to offer with a parent that a peer sent; null if there is nothing that was not tried. Whatever
    /// comes of it must be told to [#onJudged].
    ChainCommand.@Nullable SubmitPackage find(Transaction parent, PeerId from) {
        for (Transaction child : orphanage.childrenFrom(parent, from)) {
            if (mayTry(parent, child)) {
                return offer(parent, from, new TxOrphanage.Child(child, from));
            }
        }
        List<TxOrphanage.Child> others =
                new ArrayList<>(orphanage.childrenFromOthers(parent, from));
        while (!others.isEmpty()) {
            TxOrphanage.Child child = others.remove(random.nextInt(others.size()));
            if (mayTry(parent, child.tx())) {
                return offer(parent, from, child);
            }
        }
        return null;
    }

    /// Who has a child of a parent that was not tried with it.
    List<PeerId> peersToAsk(Transaction parent) {
        return orphanage.announcersOfChildren(parent).stream()
                .filter(
                        peer ->
                                orphanage.childrenFrom(parent, peer).stream()
                                        .anyMatch(child -> mayTry(parent, child)))
                .toList();
    }

    private boolean mayTry(Transaction parent, Transaction child) {
        Digest256 id = idOf(List.of(parent, child));
        return !open.contains(id) && !rejects.isReconsiderable(id);
    }

    private ChainCommand.SubmitPackage offer(
            Transaction parent, PeerId from, TxOrphanage.Child child) {
        var txs = List.of(parent, child.tx());
        var origin = new Origin(from.value());
        open.add(idOf(txs));
        return new ChainCommand.SubmitPackage(
                origin, txs, List.of(origin, new Origin(child.from().value())));
    }

    /// The chain engine judged what [#find] gave.
    void onJudged(List<Transaction> txs, boolean accepted) {
        Digest256 id = idOf(txs);
        open.remove(id);
        if (!accepted) {
            rejects.rejectAlone(id);
        }
    }

    /// A hash of the ids in ascending order: whoever changes a witness makes another package.
    static Digest256 idOf(List<Transaction> txs) {
        List<Wtxid> ids = txs.stream().map(Transaction::wtxid).sorted().toList();
        var together = new byte[ids.size() * Hash256.BYTES];
        for (int i = 0; i < ids.size(); i++) {
            byte[] bytes = ids.get(i).toByteArray();
            System.arraycopy(bytes, 0, together, i * Hash256.BYTES, bytes.length);
        }
        return Digest256.of(Sha256.hash(together));
    }
}
