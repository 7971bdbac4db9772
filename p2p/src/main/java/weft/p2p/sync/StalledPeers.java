package weft.p2p.sync;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.p2p.Outbox;
import weft.primitives.BlockHash;
import weft.primitives.Now;
import weft.primitives.log.LogCategory;

/// Drops outbound peers whose chain does not keep up with ours.
///
/// - A peer whose best known block has less work than our tip has twenty minutes to announce one that has as
///   much;
///   then it is asked once, and dropped if nothing comes within two minutes.
///   *Rationale:* an attacker who holds all our outbound connections must at least show us the best chain.
/// - Inbound and manual peers, and up to four outbound ones that had a good chain once, are left alone.
final class StalledPeers {
    private static final long CHAIN_TIMEOUT_NANOS = 20 * 60_000_000_000L;
    private static final int STALE_INTERVALS = 3;

    private final SyncContext context;
    private final HeadersSync headers;
    private @Nullable Long tipNanos;

    StalledPeers(SyncContext context, HeadersSync headers) {
        this.context = context;
        this.headers = headers;
    }

    /// When the tip moved last; before a block came, when that was asked about first, or empty.
    OptionalLong tipMovedNanos() {
        Long since = tipNanos;
        return since == null ? OptionalLong.empty() : OptionalLong.of(since);
    }

    void onConnected(Now now) {
        tipNanos = now.monotonicNanos();
    }

    boolean isTipStale(Now now) {
        Long since = tipNanos;
        if (since == null) {
            tipNanos = now.monotonicNanos();
            return false;
        }
        long patienceNanos =
                STALE_INTERVALS * context.rules.targetSpacingSeconds() * 1_000_000_000L;
        return now.monotonicNanos() - since > patienceNanos && context.inFlight.isEmpty();
    }

    void check(SyncPeer each, Now now, Outbox out) {
        if (each.protectedFromEviction || !each.syncStarted || !HeadersSync.isEvictable(each)) {
            return;
        }
        HeaderNode known = each.bestKnown;
        HeaderNode tip = context.chain.tip();
        if (known != null && known.compareWork(tip) >= 0) {
            each.chainTimeoutNanos = null;
            each.chainBenchmark = null;
            each.chainGetHeadersSent = false;
            return;
        }
        Long timeout = each.chainTimeoutNanos;
        HeaderNode benchmark = each.chainBenchmark;
        if (timeout == null
                || benchmark == null
                || (known != null && known.compareWork(benchmark) >= 0)) {
            each.chainTimeoutNanos = now.monotonicNanos() + CHAIN_TIMEOUT_NANOS;
            each.chainBenchmark = tip;
            each.chainGetHeadersSent = false;
        } else if (now.monotonicNanos() > timeout) {
            onTimeout(each, benchmark, known, now, out);
        }
    }

    private void onTimeout(
            SyncPeer each, HeaderNode benchmark, @Nullable HeaderNode known, Now now, Outbox out) {
        String best = known == null ? "<none>" : known.hash().toString();
        if (each.chainGetHeadersSent) {
            context.log.info(
                    "Disconnecting outbound peer "
                            + each.id()
                            + " for old chain, best known block = "
                            + best);
            context.disconnect(each, "old chain", out);
            return;
        }
        // Nobody answers an empty locator, so above the genesis block it is the genesis block
        // itself.
        HeaderNode below = benchmark.parent();
        var locator = ChainIndex.locator(below == null ? benchmark : below);
        headers.sendGetHeaders(each, locator, now, out);
        BlockHash wanted = benchmark.hash();
        context.log.debug(
                LogCategory.NET,
                () ->
                        "sending getheaders to outbound peer="
                                + each.id()
                                + " to verify chain work (current best known block:"
                                + best
                                + ", benchmark blockhash: "
                                + wanted
                                + ")");
        each.chainGetHeadersSent = true;
        each.chainTimeoutNanos = now.monotonicNanos() + HeadersSync.RESPONSE_NANOS;
    }

    long deadline(SyncPeer each) {
        Long timeout = each.chainTimeoutNanos;
        return timeout == null || each.protectedFromEviction ? Long.MAX_VALUE : timeout + 1;
    }
}
