package weft.consensus;

import java.math.BigInteger;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;

/// Proof of work and its difficulty, on all networks.
public final class PowRules {
    private static final BigInteger HASHES = BigInteger.ONE.shiftLeft(256);
    private static final int SLOWEST = 4;

    private PowRules() {}

    /// Expected number of hashes to meet a target; 0 if the target is none.
    public static BigInteger work(long bits) {
        CompactBits.Target target = CompactBits.decode(bits);
        if (target.negative() || target.overflow() || target.value().signum() == 0) {
            return BigInteger.ZERO;
        }
        return HASHES.divide(target.value().add(BigInteger.ONE));
    }

    /// Whether a hash is at most the target, and the target no easier than the network's limit.
    public static boolean hasValidWork(BlockHash hash, long bits, ChainParams.Pow pow) {
        CompactBits.Target target = CompactBits.decode(bits);
        if (target.negative()
                || target.overflow()
                || target.value().signum() == 0
                || target.value().compareTo(pow.limit()) > 0) {
            return false;
        }
        return new BigInteger(hash.toHex(), 16).compareTo(target.value()) <= 0;
    }

    /// The target that a block on top of `last` must claim.
    ///
    /// @param time of the block, for networks where a late block may be easy
    public static long nextBits(HeaderView last, long time, ChainParams.Pow pow) {
        int interval = pow.interval();
        long limit = CompactBits.encode(pow.limit());
        if ((last.height() + 1) % interval != 0) {
            if (!pow.allowMinDifficulty()) {
                return last.bits();
            }
            if (time > last.header().time() + 2 * ChainParams.Pow.SPACING_SECONDS) {
                return limit;
            }
            return lastRealBits(last, interval, limit);
        }
        HeaderView first =
                Check.present(
                        last.ancestor(last.height() - (interval - 1)), "a period begins somewhere");
        return retarget(last.header(), first.header(), pow);
    }

    private static long lastRealBits(HeaderView last, int interval, long limit) {
        HeaderView node = last;
        while (node.height() % interval != 0 && node.bits() == limit) {
            HeaderView parent = node.parent();
            if (parent == null) {
                break;
            }
            node = parent;
        }
        return node.bits();
    }

    /// The target of the next period.
    ///
    /// @param last header of the period
    /// @param first header of the period
    public static long retarget(BlockHeader last, BlockHeader first, ChainParams.Pow pow) {
        if (pow.noRetargeting()) {
            return last.bits();
        }
        long span =
                Math.clamp(
                        last.time() - first.time(),
                        pow.targetTimespanSeconds() / SLOWEST,
                        pow.targetTimespanSeconds() * SLOWEST);
        // With BIP-0094 the last header may be easy by exception, so the first one tells the
        // difficulty.
        long bits = pow.enforceBip94() ? first.bits() : last.bits();
        BigInteger target =
                CompactBits.decode(bits)
                        .value()
                        .multiply(BigInteger.valueOf(span))
                        // Core multiplies in 256 bits.
                        .mod(HASHES)
                        .divide(BigInteger.valueOf(pow.targetTimespanSeconds()));
        return CompactBits.encode(target.min(pow.limit()));
    }

    /// Whether the difficulty may change so at a height, as far as two headers alone can tell; a guard
    /// against floods of easy headers.
    public static boolean isPermittedTransition(
            ChainParams.Pow pow, long height, long bitsBefore, long bits) {
        if (pow.allowMinDifficulty()) {
            return true;
        }
        if (height % pow.interval() != 0) {
            return bitsBefore == bits;
        }
        BigInteger before = CompactBits.decode(bitsBefore).value();
        BigInteger timespan = BigInteger.valueOf(pow.targetTimespanSeconds());
        BigInteger slow = BigInteger.valueOf(pow.targetTimespanSeconds() * SLOWEST);
        BigInteger quick = BigInteger.valueOf(pow.targetTimespanSeconds() / SLOWEST);
        BigInteger easiest = rounded(before.multiply(slow).divide(timespan).min(pow.limit()));
        BigInteger hardest = rounded(before.multiply(quick).divide(timespan).min(pow.limit()));
        BigInteger observed = CompactBits.decode(bits).value();
        return observed.compareTo(easiest) <= 0 && observed.compareTo(hardest) >= 0;
    }

    private static BigInteger rounded(BigInteger target) {
        return CompactBits.decode(CompactBits.encode(target)).value();
    }
}
