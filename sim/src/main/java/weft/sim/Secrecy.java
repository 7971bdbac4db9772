package weft.sim;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import weft.p2p.ConnectionType;
import weft.p2p.PeerInput;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.wire.Addr;
import weft.wire.AddrV2;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.DandelionAcc;
import weft.wire.DandelionTx;
import weft.wire.FeeFilter;
import weft.wire.GetAddr;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Mempool;
import weft.wire.Message;
import weft.wire.NotFound;
import weft.wire.SendTxRcncl;
import weft.wire.TxMessage;
import weft.wire.VersionMessage;

/// What a node must not let others see, looked at in every message that leaves one.
///
/// - Over a connection for blocks only goes nothing about transactions and addresses, in neither direction,
///   and nothing about transactions over one that only tries an address; who opens one of these says that
///   it wants no transactions.
/// - A transaction is given only to who was told of it over that connection, or told us of it.
/// - What was handed on along a stem is not announced or given before ten seconds have passed, unless it
///   is public by then or came a second time; and it is handed on once for each time that it came.
final class Secrecy {
    /// As long as an embargo lasts at least.
    static final long EMBARGO_NANOS = 10_000_000_000L;

    /// Transactions that were seen in this world, by whatever id they were named.
    private final Map<Digest256, Integer> numbers = new HashMap<>();

    private final Map<Integer, Map<Txid, Stem>> stems = new HashMap<>();
    private long checks;

    /// A transaction that a node knows from its stem.
    private static final class Stem {
        final Set<Digest256> names = new HashSet<>();
        int came;
        int handedOn;
        long sinceNanos;

        /// It came again after it was handed on, and each step may be the last.
        boolean mayEnd;
    }

    Secrecy() {}

    /// How often something was looked at.
    long checks() {
        return checks;
    }

    /// A message leaves a node.
    void onSaid(Link link, Message message) {
        if (link.type == ConnectionType.BLOCK_RELAY_ONLY || link.type == ConnectionType.FEELER) {
            checks++;
            Invariants.hold(
                    !isAboutOthers(link, message),
                    link.owner,
                    "sent over a connection for blocks only: ",
                    message.command());
        }
        switch (message) {
            case Inv(var items) -> {
                for (InvItem each : items) {
                    if (each.isGenTx()) {
                        checkStem(link.owner, each.hash());
                        link.told.set(numberOf(each.hash()));
                    }
                }
            }
            case TxMessage each -> checkGiven(link, each.tx());
            case DandelionTx(Transaction tx) -> onHandedOn(link.owner, tx);
            default -> {}
        }
    }

    private int numberOf(Digest256 name) {
        return numbers.computeIfAbsent(name, _ -> numbers.size());
    }

    private static Digest256 plain(Hash256 hash) {
        return new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    private static boolean isAboutOthers(Link link, Message message) {
        return switch (message) {
            case VersionMessage each -> link.dialled && each.relay();
            case Inv(var items) -> items.stream().anyMatch(InvItem::isGenTx);
            case GetData(var items) -> items.stream().anyMatch(InvItem::isGenTx);
            case NotFound(var items) -> items.stream().anyMatch(InvItem::isGenTx);
            // Who is dialled may say below which fee it wants nothing: it hears of transactions
            // from others.
            case FeeFilter _ -> link.dialled;
            case TxMessage _, Mempool _, SendTxRcncl _, DandelionAcc _, DandelionTx _ -> true;
            // As in Bitcoin Core, who is only tried out may be asked for addresses.
            case Addr _, AddrV2 _, GetAddr _ -> link.type == ConnectionType.BLOCK_RELAY_ONLY;
            default -> false;
        };
    }

    private void checkGiven(Link link, Transaction tx) {
        checks++;
        Digest256 wtxid = plain(tx.wtxid());
        Digest256 txid = plain(tx.txid());
        Predicate<Link> knows =
                each -> each.told.get(numberOf(wtxid)) || each.told.get(numberOf(txid));
        Invariants.hold(
                knows.test(link) || knows.test(link.other),
                link.owner,
                "gave what it had not announced: ",
                tx.txid());
        checkStem(link.owner, wtxid);
    }

    // ---- stems

    private void onHandedOn(SimNode node, Transaction tx) {
        checks++;
        Stem stem = stemOf(node, tx);
        stem.handedOn++;
        stem.sinceNanos = node.world().scheduler().nowNanos();
        Invariants.hold(
                stem.handedOn <= Math.max(1, stem.came),
                node,
                "handed on along two stems: ",
                tx.txid());
    }

    private Stem stemOf(SimNode node, Transaction tx) {
        Stem stem =
                stems.computeIfAbsent(node.index(), _ -> new HashMap<>())
                        .computeIfAbsent(tx.txid(), _ -> new Stem());
        stem.names.add(plain(tx.wtxid()));
        stem.names.add(plain(tx.txid()));
        return stem;
    }

    private void checkStem(SimNode node, Digest256 name) {
        Map<Txid, Stem> all = stems.get(node.index());
        if (all == null) {
            return;
        }
        checks++;
        long now = node.world().scheduler().nowNanos();
        for (Stem each : all.values()) {
            boolean isSecret =
                    each.handedOn > 0
                            && !each.mayEnd
                            && now < each.sinceNanos + EMBARGO_NANOS
                            && each.names.contains(name);
            Invariants.hold(!isSecret, node, "made public what is on its stem: ", name);
        }
    }

    /// A node is about to deal with a message.
    void onArrives(SimNode node, PeerInput.Received input) {
        switch (input.message()) {
            case DandelionTx(Transaction tx) -> {
                Stem stem = stemOf(node, tx);
                stem.came++;
                stem.mayEnd |= stem.handedOn > 0;
            }
            case TxMessage each -> forget(node, each.tx().txid());
            case BlockMessage _, CmpctBlock _, BlockTxn _ -> stems.remove(node.index());
            default -> {}
        }
    }

    private void forget(SimNode node, Txid txid) {
        Map<Txid, Stem> all = stems.get(node.index());
        if (all != null) {
            all.remove(txid);
        }
    }

    /// A node begins a life: it knows nothing of stems.
    void onStart(SimNode node) {
        stems.remove(node.index());
    }
}
