package weft.p2p.tx;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.p2p.ConnectionType;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TestPeers;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.wire.DandelionAcc;
import weft.wire.DandelionTx;

/// The rules of [Stems], with plain lists that are read anew at each question.
final class StemsModel {
    private static final long SECOND = 1_000_000_000L;

    /// Stands for ourselves among those whose transactions go on.
    private static final PeerId OURSELVES = new PeerId(-1);

    /// One transaction on its stem.
    static final class Stem {
        final Transaction tx;

        /// It is our own user's.
        final boolean own;

        /// Who handed it to us, in this order.
        final Set<PeerId> from = new LinkedHashSet<>();

        final long embargo;
        boolean judged;

        Stem(Transaction tx, boolean own, long embargo) {
            this.tx = tx;
            this.own = own;
            this.judged = own;
            this.embargo = embargo;
        }

        PeerId first() {
            return from.iterator().next();
        }

        boolean spendsWith(Transaction other) {
            return tx.inputs().stream()
                    .anyMatch(
                            in ->
                                    other.inputs().stream()
                                            .anyMatch(each -> each.prevout().equals(in.prevout())));
        }
    }

    /// A transaction whose scripts were run for nothing.
    private record Failed(long weight, long nanos) {}

    /// One peer.
    static final class Node {
        final TxPeer peer;
        final TestPeers.Spec spec;
        final boolean maySend;
        final boolean hears;
        private final List<Failed> failed = new ArrayList<>();
        boolean takesStems;

        /// We are about to hang up.
        boolean closing;

        /// What waits to be announced to it.
        final Set<Wtxid> told = new HashSet<>();

        Node(TxPeer peer, TestPeers.Spec spec, boolean blocksOnly) {
            this.peer = peer;
            this.spec = spec;
            boolean silent =
                    spec.type() == ConnectionType.BLOCK_RELAY_ONLY
                            || spec.type() == ConnectionType.FEELER;
            this.maySend = !silent && (!blocksOnly || has(PeerPermissions.RELAY));
            this.hears = !silent && (spec.relay() || has(PeerPermissions.BLOOM_FILTER));
        }

        boolean has(int permission) {
            return (spec.permissions() & permission) == permission;
        }

        boolean isInbound() {
            return spec.type() == ConnectionType.INBOUND;
        }

        PeerId id() {
            return peer.id();
        }

        /// Each whole second since the last failure before forgives ten thousand of all.
        boolean isTooCostly(long nanos) {
            long weight = 0;
            long last = 0;
            for (Failed each : failed) {
                weight = Math.max(0, weight - (each.nanos - last) / SECOND * 10_000) + each.weight;
                last = each.nanos;
            }
            weight = Math.max(0, weight - (nanos - last) / SECOND * 10_000);
            return weight > 1_000_000 && !has(PeerPermissions.RELAY);
        }
    }

    private record Route(PeerId from, Node to) {}

    private final TxOptions options;
    private final SplittableRandom luck;

    /// In the order in which they came.
    final List<Stem> stems = new ArrayList<>();

    final List<Node> nodes = new ArrayList<>();
    final List<Transaction> mempool = new ArrayList<>();

    /// Our own users' that nobody got from us.
    final Set<Txid> own = new HashSet<>();

    private final List<Node> destinations = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    long epochEnd = Long.MIN_VALUE;
    boolean initialDownload;
    final List<PeerOutput> out = new ArrayList<>();
    final List<String> actions = new ArrayList<>();
    final List<String> shelter = new ArrayList<>();

    StemsModel(TxOptions options, SplittableRandom luck) {
        this.options = options;
        this.luck = luck;
    }

    private boolean isOn() {
        return options.spreading() == Spreading.DANDELION;
    }

    private long random(long meanSeconds) {
        return (long) (-Math.log1p(-luck.nextDouble()) * (meanSeconds * SECOND));
    }

    @Nullable Stem find(Wtxid wtxid) {
        return stems.stream()
                .filter(each -> each.tx.wtxid().equals(wtxid))
                .findFirst()
                .orElse(null);
    }

    private @Nullable Node node(PeerId id) {
        return nodes.stream().filter(each -> each.id().equals(id)).findFirst().orElse(null);
    }

    boolean isInMempool(Txid txid) {
        return mempool.stream().anyMatch(each -> each.txid().equals(txid));
    }

    List<Stem> rivals(Transaction tx) {
        return stems.stream().filter(each -> each.spendsWith(tx)).toList();
    }

    /// Those on a stem that a transaction stands on: each after its own parents, which come in the order in
    /// which it spends them.
    List<Stem> ancestors(Transaction tx) {
        var found = new LinkedHashSet<Stem>();
        for (TxIn in : tx.inputs()) {
            for (Stem each : stems) {
                if (each.tx.txid().equals(in.prevout().txid())) {
                    found.addAll(ancestors(each.tx));
                    found.add(each);
                }
            }
        }
        return List.copyOf(found);
    }

    void ready(Node node) {
        nodes.add(node);
        if (isOn() && node.isInbound() && node.hears && node.maySend) {
            out.add(new PeerOutput.Send(node.id(), new DandelionAcc()));
        }
    }

    void gone(Node node) {
        nodes.remove(node);
        destinations.remove(node);
        routes.removeIf(each -> each.from.equals(node.id()) || each.to == node);
    }

    boolean acc(Node from) {
        from.takesStems = !from.isInbound();
        return isOn();
    }

    private @Nullable Node next(PeerId from, long nanos) {
        if (nanos >= epochEnd) {
            destinations.clear();
            routes.clear();
            epochEnd = nanos + random(600);
        }
        for (Route each : routes) {
            if (each.from.equals(from)) {
                return each.to;
            }
        }
        var others = new ArrayList<>(nodes);
        others.removeIf(each -> destinations.contains(each) || !isFit(each));
        while (destinations.size() < 2 && !others.isEmpty()) {
            destinations.add(others.remove(luck.nextInt(others.size())));
        }
        long fewest = destinations.stream().mapToLong(this::load).min().orElse(0);
        List<Node> free = destinations.stream().filter(each -> load(each) == fewest).toList();
        if (free.isEmpty()) {
            return null;
        }
        routes.add(new Route(from, free.get(luck.nextInt(free.size()))));
        return routes.getLast().to;
    }

    /// We dialled it, to stay, and it said that it takes stems.
    private static boolean isFit(Node node) {
        boolean lasting =
                node.spec.type() == ConnectionType.OUTBOUND_FULL_RELAY
                        || node.spec.type() == ConnectionType.MANUAL;
        return lasting && node.takesStems && !node.closing;
    }

    private long load(Node node) {
        return routes.stream().filter(each -> each.to == node).count();
    }

    /// The first moment from ten seconds and some on that is not another's.
    private long embargo(long nanos) {
        long end = nanos + 10 * SECOND + random(20);
        while (isTaken(end)) {
            end++;
        }
        return end;
    }

    private boolean isTaken(long nanos) {
        return stems.stream().anyMatch(each -> each.embargo == nanos);
    }

    /// A peer hands us a transaction.
    boolean stem(Node from, Transaction tx, long nanos) {
        boolean deaf =
                !isOn()
                        || !from.isInbound()
                        || !from.maySend
                        || initialDownload
                        || from.isTooCostly(nanos)
                        || mempool.stream().anyMatch(each -> each.wtxid().equals(tx.wtxid()));
        if (deaf) {
            return isOn();
        }
        Stem known = find(tx.wtxid());
        if (known == null) {
            if (mayCome(from, tx)) {
                var txs = new ArrayList<Transaction>();
                List<Stem> above = ancestors(tx);
                above.subList(Math.max(0, above.size() - 24), above.size()).stream()
                        .filter(each -> !each.own)
                        .forEach(each -> txs.add(each.tx));
                txs.add(tx);
                var fresh = new Stem(tx, false, embargo(nanos));
                fresh.from.add(from.id());
                stems.add(fresh);
                var origin = new Origin(from.id().value());
                out.add(new PeerOutput.Chain(new ChainCommand.TestTx(origin, txs)));
            }
            return true;
        }
        boolean isCircle = !known.from.add(from.id());
        if (known.judged && isCircle) {
            publish(known);
        } else if (known.judged) {
            goOn(known, from.id(), nanos);
        }
        return true;
    }

    /// One peer has room for a hundred and for 400,000 bytes, all together for five million; each coin is
    /// spent once.
    private boolean mayCome(Node from, Transaction tx) {
        long count = 1;
        long bytes = tx.totalSize();
        long all = tx.totalSize();
        for (Stem each : stems) {
            if (!each.own) {
                boolean same = each.first().equals(from.id());
                count += same ? 1 : 0;
                bytes += same ? each.tx.totalSize() : 0;
                all += each.tx.totalSize();
            }
        }
        return count <= 100 && bytes <= 400_000 && all <= 5_000_000 && rivals(tx).isEmpty();
    }

    /// To the next, or, by chance or for want of one, to all.
    private void goOn(Stem stem, PeerId from, long nanos) {
        Node to = next(from, nanos);
        if (to == null || luck.nextInt(100) < options.fluffPercent()) {
            publish(stem);
        } else {
            out.add(new PeerOutput.Send(to.id(), new DandelionTx(stem.tx)));
        }
    }

    /// With all that it stands on.
    private void publish(Stem stem) {
        var all = new ArrayList<>(ancestors(stem.tx));
        all.add(stem);
        for (Stem each : all) {
            stems.remove(each);
            Transaction tx = each.tx;
            if (each.own) {
                mempool.add(tx);
                own.add(tx.txid());
                shelter.add("show " + tx.txid());
                nodes.stream()
                        .filter(node -> node.hears)
                        .forEach(node -> node.told.add(tx.wtxid()));
            } else if (each.judged) {
                var origin = new Origin(each.first().value());
                out.add(new PeerOutput.Chain(new ChainCommand.SubmitTx(origin, tx)));
            }
        }
    }

    void judged(Transaction tx, @Nullable TxFailure failure, long nanos) {
        Stem stem = find(tx.wtxid());
        if (stem == null || stem.judged || stem.own) {
            return;
        }
        if (failure == null) {
            stem.judged = true;
            for (PeerId each : List.copyOf(stem.from)) {
                if (stems.contains(stem)) {
                    goOn(stem, each, nanos);
                }
            }
            return;
        }
        stems.remove(stem);
        Node from = node(stem.first());
        if (from != null && failure.reason().contains("mandatory-script-verify-flag")) {
            from.failed.add(new Failed(tx.weight(), nanos));
        }
        if (from != null && failure.kind() == TxFailure.Kind.CONSENSUS) {
            actions.add("misbehaving " + from.id() + ": ");
            from.closing = true;
        }
    }

    /// Our own user's, from the mempool.
    boolean begin(Transaction tx, long nanos) {
        boolean may = isOn() && own.contains(tx.txid()) && !initialDownload;
        Node to = may ? next(OURSELVES, nanos) : null;
        if (to == null) {
            return false;
        }
        mempool.remove(tx);
        own.remove(tx.txid());
        shelter.add("hide " + tx.txid());
        stems.removeIf(each -> each.spendsWith(tx));
        stems.add(new Stem(tx, true, embargo(nanos)));
        out.add(new PeerOutput.Send(to.id(), new DandelionTx(tx)));
        return true;
    }

    /// What others know need not be announced again and again.
    boolean heardInPublic(Transaction tx) {
        Stem stem = find(tx.wtxid());
        if (stem == null || !stem.own) {
            return false;
        }
        publish(stem);
        own.remove(tx.txid());
        out.add(new PeerOutput.Chain(new ChainCommand.NoteServed(Origin.SELF, tx.txid())));
        return true;
    }

    /// What is in the mempool or in a block, is public, and what spends the same has no chance.
    void accepted(Transaction tx) {
        stems.removeIf(each -> !each.own && each.spendsWith(tx));
    }

    void removed(Txid txid) {
        mempool.removeIf(each -> each.txid().equals(txid));
        own.remove(txid);
        stems.removeIf(each -> each.own && each.tx.txid().equals(txid));
    }

    void time(long nanos) {
        Stem next = first();
        while (next != null && next.embargo <= nanos) {
            publish(next);
            next = first();
        }
    }

    private @Nullable Stem first() {
        return stems.stream()
                .min(Comparator.comparingLong((Stem each) -> each.embargo))
                .orElse(null);
    }

    long deadline() {
        Stem next = first();
        return next == null ? Long.MAX_VALUE : next.embargo;
    }
}
