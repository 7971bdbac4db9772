package weft.mempool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a mempool accepts and how much it keeps; defaults are Bitcoin Core's.
///
/// @param bytesMax memory, counted as Core counts it, above which those that pay least leave
///     (`-maxmempool`)
/// @param expiry how long a transaction waits for a block (`-mempoolexpiry`)
/// @param limits of chains of unconfirmed transactions
/// @param minRelay below which nothing is relayed alone (`-minrelaytxfee`)
/// @param incremental what a replacement pays for its own relay, and the step of the rolling minimum
///     (`-incrementalrelayfee`)
/// @param form which forms of transactions are relayed
/// @param fullRbf replace also what does not signal that it may be replaced (`-mempoolfullrbf`)
/// @param persist keep the mempool over a restart (`-persistmempool`)
/// @param persistV1 write `mempool.dat` without scrambling (`-persistmempoolv1`)
public record MempoolOptions(
        long bytesMax,
        Duration expiry,
        Limits limits,
        FeeRate minRelay,
        FeeRate incremental,
        Form form,
        boolean fullRbf,
        boolean persist,
        boolean persistV1) {
    private static final int KILO = 1_000;

    /// Core's defaults.
    public static final MempoolOptions DEFAULT =
            new MempoolOptions(
                    300_000_000L,
                    Duration.ofDays(14),
                    Limits.DEFAULT,
                    new FeeRate(KILO),
                    new FeeRate(KILO),
                    Form.DEFAULT,
                    true,
                    true,
                    false);

    /// Limits of chains of unconfirmed transactions; each counts the transaction itself.
    ///
    /// @param ancestors `-limitancestorcount`
    /// @param ancestorVsize virtual bytes (`-limitancestorsize`, there in kilobytes)
    /// @param descendants `-limitdescendantcount`
    /// @param descendantVsize virtual bytes (`-limitdescendantsize`, there in kilobytes)
    public record Limits(
            long ancestors, long ancestorVsize, long descendants, long descendantVsize) {
        /// Core's defaults.
        public static final Limits DEFAULT = new Limits(25, 101_000, 25, 101_000);

        /// No limit at all.
        public static final Limits NONE =
                new Limits(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /// Which forms of transactions are relayed.
    ///
    /// @param standardOnly (`-acceptnonstdtxn=0`)
    /// @param dataCarrierBytes longest script of an output that carries data (`-datacarriersize`); null if
    ///     there may be none (`-datacarrier=0`)
    /// @param bareMultisig scripts of several keys may stand in outputs (`-permitbaremultisig`)
    /// @param dustRelay rate at which spending an output must be worth more than it costs
    ///     (`-dustrelayfee`)
    /// @param bytesPerSigop virtual bytes that a signature operation stands for (`-bytespersigop`)
    /// @param ephemeralDust one output of dust is allowed where no fee is paid and a child of the same
    ///     package spends it, as Core does since version 29
    public record Form(
            boolean standardOnly,
            @Nullable Integer dataCarrierBytes,
            boolean bareMultisig,
            FeeRate dustRelay,
            int bytesPerSigop,
            boolean ephemeralDust) {
        /// Core's defaults.
        public static final Form DEFAULT = new Form(true, 83, true, new FeeRate(3_000), 20, false);

        /// The same with other transactions than standard ones, or without them.
        public Form withStandardOnly(boolean only) {
            return new Form(
                    only, dataCarrierBytes, bareMultisig, dustRelay, bytesPerSigop, ephemeralDust);
        }

        /// Virtual size as policy counts it: no less than what its signature operations stand for.
        public long vsize(int weight, int sigopCost) {
            return Math.ceilDiv(Math.max(weight, (long) sigopCost * bytesPerSigop), 4L);
        }
    }

    /// The same with another limit of memory.
    public MempoolOptions withBytesMax(long bytes) {
        return new MempoolOptions(
                bytes, expiry, limits, minRelay, incremental, form, fullRbf, persist, persistV1);
    }

    /// The same with other limits of chains.
    public MempoolOptions withLimits(Limits other) {
        return new MempoolOptions(
                bytesMax, expiry, other, minRelay, incremental, form, fullRbf, persist, persistV1);
    }

    /// The same with other forms.
    public MempoolOptions withForm(Form other) {
        return new MempoolOptions(
                bytesMax,
                expiry,
                limits,
                minRelay,
                incremental,
                other,
                fullRbf,
                persist,
                persistV1);
    }

    /// Why these options cannot be used together; null if they can.
    public @Nullable String problem() {
        long least = limits.descendantVsize == Long.MAX_VALUE ? 0 : limits.descendantVsize * 40;
        return bytesMax < least
                ? "-maxmempool must be at least " + Math.ceilDiv(least, 1_000_000L) + " MB"
                : null;
    }
}
