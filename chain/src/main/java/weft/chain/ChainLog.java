package weft.chain;

import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import weft.chain.api.BlockFailure;
import weft.chain.api.HeaderNode;
import weft.chain.store.StoreException;
import weft.consensus.ChainParams;
import weft.primitives.BlockHash;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// The log lines of the chain state, worded as Bitcoin Core's, because tests and people search for them.
final class ChainLog {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final double MEBIBYTE = 1 << 20;

    private final Log log;
    private final ChainRules rules;

    ChainLog(Log log, ChainRules rules) {
        this.log = log;
        this.rules = rules;
    }

    static double log2(BigInteger work) {
        int shift = Math.max(work.bitLength() - 60, 0);
        return Math.log(work.shiftRight(shift).doubleValue()) / Math.log(2) + shift;
    }

    static String date(long unixSeconds) {
        return DATE.format(Instant.ofEpochSecond(unixSeconds));
    }

    /// Part of the chain that is behind us, 0 to 1: by transactions where the network's count is known,
    /// else by time.
    double progress(BlockEntry tip, Now now) {
        Optional<ChainParams.TxData> known = rules.txData();
        if (known.isPresent() && tip.chainTxCount() > 0 && known.get().rate() > 0) {
            ChainParams.TxData data = known.get();
            boolean behind = tip.chainTxCount() <= data.txCount();
            double since = now.unixSeconds() - (behind ? data.time() : tip.node().time());
            double total = (behind ? data.txCount() : tip.chainTxCount()) + since * data.rate();
            return Math.clamp(tip.chainTxCount() / total, 0, 1);
        }
        long start = rules.genesis().header().time();
        long whole = Math.max(now.unixSeconds(), tip.node().time()) - start;
        return whole <= 0 ? 1 : Math.clamp((double) (tip.node().time() - start) / whole, 0, 1);
    }

    void updateTip(BlockEntry tip, CoinsCache coins, Now now) {
        if (!log.isOn(LogCategory.ALL, Log.Level.INFO)) {
            return;
        }
        HeaderNode node = tip.node();
        log.infoUnlimited(
                String.format(
                        Locale.ROOT,
                        "UpdateTip: new best=%s height=%d version=0x%08x log2_work=%f tx=%d date='%s' "
                                + "progress=%f cache=%.1fMiB(%dtxo)",
                        node.hash(),
                        node.height(),
                        node.header().version(),
                        log2(node.chainWork()),
                        tip.chainTxCount(),
                        date(node.time()),
                        progress(tip, now),
                        coins.bytes() / MEBIBYTE,
                        coins.size()));
    }

    void loaded(BlockEntry entry, Now now) {
        HeaderNode tip = entry.node();
        log.info(
                String.format(
                        Locale.ROOT,
                        "Loaded best chain: hashBestChain=%s height=%d date=%s progress=%f",
                        tip.hash(),
                        tip.height(),
                        date(tip.time()),
                        progress(entry, now)));
    }

    void invalidChainFound(HeaderNode bad, HeaderNode tip) {
        log.info(
                line("InvalidChainFound: invalid block=%s  height=%d  log2_work=%f  date=%s", bad));
        log.info(
                line("InvalidChainFound:  current best=%s  height=%d  log2_work=%f  date=%s", tip));
    }

    private static String line(String format, HeaderNode node) {
        return String.format(
                Locale.ROOT,
                format,
                node.hash(),
                node.height(),
                log2(node.chainWork()),
                date(node.time()));
    }

    void newHeader(HeaderNode node, boolean initialBlockDownload) {
        String text = "Saw new header hash=" + node.hash() + " height=" + node.height();
        if (initialBlockDownload) {
            log.debug(LogCategory.VALIDATION, () -> text);
        } else {
            log.info(text);
        }
    }

    void synchronizingHeaders(HeaderNode last, Now now) {
        long left = Math.max(0, (now.unixSeconds() - last.time()) / rules.targetSpacingSeconds());
        double percent = 100.0 * last.height() / Math.max(1, last.height() + left);
        log.info(
                String.format(
                        Locale.ROOT,
                        "Synchronizing blockheaders, height: %d (~%.2f%%)",
                        last.height(),
                        percent));
    }

    void acceptBlockFailed(BlockFailure failure) {
        log.error("ProcessNewBlock: AcceptBlock FAILED (" + failure + ")");
    }

    void acceptBlock(BlockFailure failure) {
        log.error("AcceptBlock: " + failure);
    }

    void connectFailed(BlockHash hash, BlockFailure failure) {
        log.error("ConnectTip: ConnectBlock " + hash + " failed, " + failure);
    }

    void disconnectFailed(BlockHash hash, Exception why) {
        log.error("DisconnectTip(): DisconnectBlock " + hash + " failed: " + why.getMessage());
    }

    void leavingInitialBlockDownload() {
        log.info("Leaving InitialBlockDownload (latching to false)");
    }

    void longInvalidChain() {
        log.warning(
                "CheckForkWarningConditions: Warning: Found invalid chain at least ~6 blocks longer than our "
                        + "best chain.\nChain state database corruption likely.");
    }

    void missingBlock(BlockEntry entry) {
        log.warning(
                "Block "
                        + entry.node().hash()
                        + " is missing on disk; it will be downloaded again");
    }

    void checkingFiles() {
        log.info("Checking all blk files are present...");
    }

    void reindexing(int file) {
        log.info(String.format(Locale.ROOT, "Reindexing block file blk%05d.dat...", file));
    }

    void undoUnreadable(BlockEntry entry, StoreException why) {
        log.error(
                "Undo data of block "
                        + entry.node().hash()
                        + " cannot be read: "
                        + why.getMessage());
    }

    void reindexed() {
        log.info("Reindexing finished");
    }

    void outOfOrder(BlockHash hash, BlockHash parent) {
        log.debug(
                LogCategory.REINDEX,
                () ->
                        "LoadExternalBlockFile: Out of order block "
                                + hash
                                + ", parent "
                                + parent
                                + " not known");
    }

    void outOfOrderChild(BlockHash child, BlockHash hash) {
        log.debug(
                LogCategory.REINDEX,
                () ->
                        "LoadExternalBlockFile: Processing out of order child "
                                + child
                                + " of "
                                + hash);
    }
}
