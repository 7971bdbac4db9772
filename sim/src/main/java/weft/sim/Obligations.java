package weft.sim;

import java.time.Duration;
import weft.chain.HeaderTree;
import weft.chain.api.HeaderNode;
import weft.p2p.PeerId;
import weft.primitives.Bug;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.GetBlockTxn;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.Message;
import weft.wire.NotFound;
import weft.wire.TxMessage;

/// What peers owe each other, seen from outside: what was asked is answered, or came from somebody else, or
/// the asking node hung up; and nobody keeps a connection over which nothing comes. Times are such that the
/// rules of the node, Bitcoin Core's, and the longest pause of a world's nodes fit into them.
final class Obligations {
    /// A ping every two minutes at the latest, twenty minutes for its answer, five of a pause, and more.
    static final Duration SILENT_MAX = Duration.ofMinutes(30);

    /// Ten minutes, and five more for each other peer that blocks are fetched from, of eight; and a pause.
    static final Duration UNANSWERED_MAX = Duration.ofMinutes(56);

    /// After a minute a transaction is asked of somebody else; and some more.
    static final Duration TX_MAX = Duration.ofSeconds(90);

    private final World world;

    /// @param world whose links take notes
    Obligations(World world) {
        this.world = world;
    }

    /// Notes what a node asks of the node at the other end.
    static void onSent(Link link, Message message, long nanos) {
        switch (message) {
            case GetData(var items) -> {
                for (InvItem each : items) {
                    if (each.isGenTx()) {
                        link.askedTxs.put(each.hash(), nanos);
                    } else {
                        link.asked.putIfAbsent(each.blockHash(), nanos);
                    }
                }
            }
            case GetBlockTxn each -> link.asked.putIfAbsent(each.block(), nanos);
            default -> {}
        }
    }

    /// Notes that something came, and what it answers.
    static void onArrived(Link link, Message message, long nanos) {
        link.heardNanos = nanos;
        if (!link.askedTxs.isEmpty()) {
            onTxArrived(link, message);
        }
        if (link.asked.isEmpty()) {
            return;
        }
        switch (message) {
            case BlockMessage each -> link.asked.remove(each.block().hash());
            case BlockTxn each -> link.asked.remove(each.block());
            case CmpctBlock each -> link.asked.remove(each.header().hash());
            case NotFound(var items) ->
                    items.stream()
                            .filter(each -> !each.isGenTx())
                            .forEach(each -> link.asked.remove(each.blockHash()));
            default -> {}
        }
    }

    private static void onTxArrived(Link link, Message message) {
        switch (message) {
            case TxMessage each -> {
                link.askedTxs.remove(InvItem.tx(each.tx().txid()).hash());
                link.askedTxs.remove(InvItem.wtx(each.tx().wtxid()).hash());
            }
            case NotFound(var items) -> items.forEach(each -> link.askedTxs.remove(each.hash()));
            default -> {}
        }
    }

    /// What was asked so long ago that the node must have given it up does not count any more.
    private void forgetOldTxs(SimNode node, Link link) {
        long since = world.scheduler().nowNanos() - TX_MAX.toNanos();
        if (!link.askedTxs.isEmpty() && !node.wasHeldUp(since)) {
            link.askedTxs.values().removeIf(asked -> asked < since);
        }
    }

    /// Whether a node awaits no more transactions of a peer than it asked for of late and did not get.
    static boolean isAwaitedRightly(SimNode node, PeerId peer, int awaited) {
        Link link = node.link(peer);
        return awaited == 0 || link == null || awaited <= link.askedTxs.size();
    }

    /// Looks at all open links.
    ///
    /// @return how many there are
    /// @throws Bug if somebody waits that would have had to give up
    int check() {
        int links = 0;
        for (SimNode node : world.alive()) {
            for (Link link : node.openLinks()) {
                links++;
                hold(link.heardNanos, SILENT_MAX, node, "a silent peer is kept");
                forgetOldTxs(node, link);
                forgetWhatCame(node, link);
                for (long asked : link.asked.values()) {
                    hold(asked, UNANSWERED_MAX, node, "a block is awaited for ever");
                }
            }
        }
        return links;
    }

    private static void forgetWhatCame(SimNode node, Link link) {
        if (link.asked.isEmpty()) {
            return;
        }
        HeaderTree headers = node.node().chain().chain().headers();
        link.asked
                .keySet()
                .removeIf(
                        hash -> {
                            HeaderNode header = headers.find(hash);
                            return header != null && headers.status(header).hasBlock();
                        });
    }

    private void hold(long sinceNanos, Duration most, SimNode node, String what) {
        long now = world.scheduler().nowNanos();
        if (now - sinceNanos > most.toNanos()) {
            throw new Bug(
                    what
                            + ": node "
                            + node.index()
                            + " at "
                            + now
                            + " ns, since "
                            + sinceNanos
                            + " ns");
        }
    }
}
