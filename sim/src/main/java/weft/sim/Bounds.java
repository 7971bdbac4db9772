package weft.sim;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import weft.chain.ChainOptions;
import weft.mempool.Mempool;
import weft.p2p.PeerId;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.AddrManCheck;
import weft.p2p.addr.LongKnown;
import weft.p2p.tx.TxOptions;
import weft.p2p.tx.TxSyncStats;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// What a node keeps has limits, whoever its peers are.
///
/// - Of a peer, after each message of it: blocks and transactions that are awaited, announcements, what waits
///   to be announced, bytes on the line to it.
/// - Each minute of one node after another: the address book, which must be sound too; the mempool's and the
///   coins' memory.
/// - Transactions without parents: whenever one comes.
final class Bounds {
    /// As in Bitcoin Core.
    private static final int BLOCKS_IN_FLIGHT_MAX = 16;

    private static final int ANNOUNCEMENTS_MAX = 5_000;

    /// What waits to be announced to a peer is what is in the mempool, and some that have left it.
    private static final int GONE_MAX = 100;

    /// A megabyte, and the longest message.
    private static final long LINE_BYTES_MAX = 5_000_000;

    private static final int ADDRESSES_MAX =
            (AddrMan.NEW_BUCKETS + AddrMan.TRIED_BUCKETS) * AddrMan.BUCKET_SIZE;

    private static final Pattern ORPHANS = Pattern.compile("stored orphan tx .*mapsz (\\d+) .*");

    private final World world;
    private final FullNodes factory;
    private int next;
    private long checks;

    Bounds(World world, FullNodes factory) {
        this.world = world;
        this.factory = factory;
        factory.listeningBy(this::ear);
    }

    /// How often something was looked at.
    long checks() {
        return checks;
    }

    /// A message of a peer was dealt with.
    void onHandled(SimNode node, PeerId peer) {
        checks++;
        var engine = node.node().peers();
        int blocks = engine.blocks().stats(peer).inflight().size();
        hold(blocks <= BLOCKS_IN_FLIGHT_MAX, node, "too many blocks asked of one peer");
        TxSyncStats txs = engine.transactions().stats(peer);
        hold(txs.announced() <= ANNOUNCEMENTS_MAX, node, "too many announcements of one peer");
        hold(txs.requested() <= txs.announced(), node, "asked for what was not announced");
        hold(
                Obligations.isAwaitedRightly(node, peer, txs.requested()),
                node,
                "a transaction is awaited for ever");
        int pool = node.node().chain().mempool().size();
        hold(
                txs.inventoryToSend() <= GONE_MAX + pool / 4 * 5 + pool,
                node,
                "more to announce than there is");
        Link link = node.link(peer);
        hold(
                link == null || link.bytesOnTheWay <= LINE_BYTES_MAX,
                node,
                "more on the line than it may hold");
    }

    /// Looks at the next node.
    void checkNext() {
        SimNode node = world.nodes().get(next++ % world.nodes().size());
        if (node.isOn()) {
            checkMemory(node);
        }
    }

    void checkMemory(SimNode node) {
        checks++;
        AddrMan book = factory.book(node);
        hold(book.size() <= ADDRESSES_MAX, node, "too many addresses");
        hold(AddrManCheck.faultOf(book) == 0, node, "the address book is not sound");
        int met = node.node().peers().acquaintances().size();
        hold(met <= Acquaintances.MAX, node, "too many acquaintances");
        int longKnown = node.node().peers().acquaintances().longKnown().all().size();
        hold(longKnown <= LongKnown.MAX, node, "too many nodes known for long");
        Mempool mempool = node.node().chain().mempool();
        hold(
                mempool.memoryBytes() <= mempool.options().bytesMax(),
                node,
                "the mempool is larger than it may be");
        hold(
                node.node().chain().chain().coinsCacheBytes() <= ChainOptions.DEFAULT.cacheBytes(),
                node,
                "coins take more memory than they may");
    }

    /// Hears what a node says of transactions whose parents are missing: nobody else knows how many it has.
    private Log ear(SimNode node) {
        return new Log() {
            @Override
            public boolean isOn(LogCategory category, Level level) {
                return category == LogCategory.TXPACKAGES && level != Level.TRACE;
            }

            @Override
            public void write(LogCategory category, Level level, String message) {
                if (category == LogCategory.TXPACKAGES) {
                    onLine(node, message);
                }
            }
        };
    }

    private void onLine(SimNode node, String line) {
        Matcher matcher = ORPHANS.matcher(line);
        if (matcher.matches()) {
            checks++;
            // It is said before room is made for the one that came.
            hold(
                    Integer.parseInt(matcher.group(1)) <= TxOptions.ORPHANS_MAX_DEFAULT + 1,
                    node,
                    "too many transactions without parents");
        }
    }

    private static void hold(boolean holds, SimNode node, String what) {
        Invariants.hold(holds, node, what, "");
    }
}
