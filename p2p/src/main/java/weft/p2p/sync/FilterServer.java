package weft.p2p.sync;

import java.util.ArrayList;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.p2p.Outbox;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.log.LogCategory;
import weft.wire.CFCheckpt;
import weft.wire.CFHeaders;
import weft.wire.CFilter;
import weft.wire.GetCFCheckpt;
import weft.wire.GetCFHeaders;
import weft.wire.GetCFilters;
import weft.wire.Message;

/// Serves basic block filters. See BIP-0157.
///
/// - Filters of stale blocks are served as the blocks themselves are.
/// - A request for many filters is answered bit by bit, as the peer takes them.
///   *Rationale:* a thousand filters are twenty megabytes, and a request is forty bytes.
final class FilterServer {
    static final int FILTERS_MAX = 1_000;
    static final int HEADERS_MAX = 2_000;
    private static final int CHECKPOINT_INTERVAL = 1_000;
    private static final long BYTES_AT_ONCE = 500_000;
    private static final int REQUESTS_MAX = 100;

    private final SyncContext context;
    private final Predicate<HeaderNode> mayServe;
    private @Nullable FilterSource source;

    /// @param mayServe whether a block may be shown to peers
    FilterServer(SyncContext context, Predicate<HeaderNode> mayServe) {
        this.context = context;
        this.mayServe = mayServe;
    }

    /// Filters that a peer still gets.
    ///
    /// @param next height of the next one
    record Pending(int next, HeaderNode stop) {}

    void serveFrom(FilterSource filters) {
        source = filters;
    }

    void onMessage(SyncPeer from, Message message, Outbox out) {
        if (source == null || !context.chain.isLoaded()) {
            return;
        }
        switch (message) {
            case GetCFilters each -> {
                HeaderNode stop = checked(from, each.startHeight(), each.stop(), FILTERS_MAX, out);
                if (stop != null && from.filters.size() >= REQUESTS_MAX) {
                    context.disconnect(from, "too many filter requests", out);
                } else if (stop != null) {
                    from.filters.add(new Pending((int) each.startHeight(), stop));
                    serve(from, out);
                }
            }
            case GetCFHeaders each -> {
                HeaderNode stop = checked(from, each.startHeight(), each.stop(), HEADERS_MAX, out);
                if (stop != null) {
                    sendHeaders(from, (int) each.startHeight(), stop, source, out);
                }
            }
            case GetCFCheckpt each -> {
                HeaderNode stop = checked(from, 0, each.stop(), Long.MAX_VALUE, out);
                if (stop != null) {
                    sendCheckpoints(from, stop, source, out);
                }
            }
            default -> {}
        }
    }

    /// The last block of a request; null if the request is wrong, and then the peer is gone.
    private @Nullable HeaderNode checked(
            SyncPeer from, long start, BlockHash hash, long countMax, Outbox out) {
        HeaderNode stop = context.chain.find(hash);
        if (stop == null || !mayServe.test(stop)) {
            refuse(from, "requested invalid block hash: " + hash, out);
            return null;
        }
        if (start > stop.height()) {
            refuse(
                    from,
                    "sent invalid getcfilters/getcfheaders with start height "
                            + start
                            + " and stop height "
                            + stop.height(),
                    out);
            return null;
        }
        if (stop.height() - start >= countMax) {
            refuse(
                    from,
                    "requested too many cfilters/cfheaders: "
                            + (stop.height() - start + 1)
                            + " / "
                            + countMax,
                    out);
            return null;
        }
        return stop;
    }

    private void refuse(SyncPeer from, String why, Outbox out) {
        String line = "peer " + from.id() + " " + why;
        context.log.debug(LogCategory.NET, () -> line);
        context.disconnect(from, line, out);
    }

    private void notFound(String what, HeaderNode at) {
        context.log.debug(
                LogCategory.NET,
                () ->
                        "Failed to find block filter"
                                + what
                                + " in index: filter_type=basic, stop_hash="
                                + at.hash());
    }

    /// Sends filters that were asked for, until enough are on their way.
    void serve(SyncPeer to, Outbox out) {
        FilterSource filters = source;
        long bytes = 0;
        while (filters != null && bytes < BYTES_AT_ONCE && !to.sendingPaused && to.peer.isReady()) {
            Pending pending = to.filters.poll();
            if (pending == null) {
                return;
            }
            HeaderNode node = ancestor(pending.stop, pending.next);
            Optional<Bytes> filter = filters.filter(node);
            if (filter.isEmpty()) {
                notFound("", node);
                continue;
            }
            bytes += filter.get().length() + BlockHash.BYTES;
            out.send(to.id(), new CFilter(0, node.hash(), filter.get()));
            if (pending.next < pending.stop.height()) {
                to.filters.addFirst(new Pending(pending.next + 1, pending.stop));
            }
        }
    }

    private static HeaderNode ancestor(HeaderNode node, int height) {
        return Check.present(node.ancestor(height), "a branch has every height below its tip");
    }

    private void sendHeaders(
            SyncPeer to, int start, HeaderNode stop, FilterSource filters, Outbox out) {
        Digest256 previous = Digest256.ZERO;
        if (start > 0) {
            Optional<FilterSource.Hashes> before = filters.hashes(ancestor(stop, start - 1));
            if (before.isEmpty()) {
                notFound(" header", stop);
                return;
            }
            previous = before.get().header();
        }
        var hashes = new ArrayList<Digest256>();
        for (int height = start; height <= stop.height(); height++) {
            Optional<FilterSource.Hashes> found = filters.hashes(ancestor(stop, height));
            if (found.isEmpty()) {
                notFound(" hashes", stop);
                return;
            }
            hashes.add(found.get().filterHash());
        }
        out.send(to.id(), new CFHeaders(0, stop.hash(), previous, hashes));
    }

    private void sendCheckpoints(SyncPeer to, HeaderNode stop, FilterSource filters, Outbox out) {
        var headers = new ArrayList<Digest256>();
        for (int height = CHECKPOINT_INTERVAL;
                height <= stop.height();
                height += CHECKPOINT_INTERVAL) {
            Optional<FilterSource.Hashes> found = filters.hashes(ancestor(stop, height));
            if (found.isEmpty()) {
                notFound(" header", stop);
                return;
            }
            headers.add(found.get().header());
        }
        out.send(to.id(), new CFCheckpt(0, stop.hash(), headers));
    }
}
