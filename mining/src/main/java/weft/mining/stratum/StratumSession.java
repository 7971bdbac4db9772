package weft.mining.stratum;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import weft.mining.MiningJob;
import weft.mining.WorkTemplate;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.codec.ByteWriter;

/// One miner at a Stratum server: what it was told to do, and whether what it hands in is good. Knows no
/// socket and no JSON. Not safe for use by two threads.
public final class StratumSession {
    /// Bytes of the extra nonce that the server chooses: as many sessions as there can be sockets.
    public static final int EXTRA_NONCE1_BYTES = 4;

    /// Bytes of the extra nonce that the miner counts: 2⁶⁴ hashes a job with the nonce, beyond any machine.
    public static final int EXTRA_NONCE2_BYTES = 4;

    /// Bits of the version that a miner may change: those that BIP-0320 leaves for that.
    public static final int VERSION_MASK = 0x1fff_e000;

    /// Jobs on one tip that are remembered: with one each ten seconds, several minutes of late shares.
    public static final int JOBS_MAX = 32;

    /// Shares of one tip that are remembered to find doubles: at 32 bytes each a few megabytes a session.
    public static final int SHARES_MAX = 20_000;

    /// A share's time may be so far after the node's, as with blocks.
    private static final long FUTURE_SECONDS_MAX = 7_200;

    private final Bytes extraNonce1;
    private final Shares shares;
    private final ShareRate rate;
    private final Map<String, Given> jobs = new LinkedHashMap<>();
    private final Set<Digest256> seen = new HashSet<>();
    private Optional<Bytes> payTo = Optional.empty();
    private boolean subscribed;
    private int versionMask;
    private long nextJob = 1;

    /// A job and what its shares had to have when it was given.
    private record Given(MiningJob job, double difficulty) {}

    /// What shares are asked for.
    ///
    /// @param difficulty at first, above 0
    /// @param adapts whether it follows the miner's speed, see [#retarget]
    /// @param harderThanBlocks whether they may be harder than blocks are, which then come as seldom as
    ///     shares. *Rationale:* on regtest every other hash is a block; a miner that is not held back hands
    ///     in hundreds of thousands a second. Where blocks are worth something none may be lost
    public record Shares(double difficulty, boolean adapts, boolean harderThanBlocks) {}

    /// @param number of the session, other than that of any that is open
    public StratumSession(int number, Shares shares) {
        this.extraNonce1 = new ByteWriter(EXTRA_NONCE1_BYTES).i32(number).toBytes();
        this.shares = shares;
        this.rate = new ShareRate(shares.difficulty, shares.adapts);
    }

    /// A share as it is handed in.
    ///
    /// @param job the name of the job
    /// @param extraNonce2 4 bytes
    /// @param time 0 to 2³² − 1
    /// @param nonce 0 to 2³² − 1
    /// @param versionBits the bits that the miner set of those it may set
    public record Share(String job, Bytes extraNonce2, long time, long nonce, int versionBits) {}

    /// What a miner is told to do.
    ///
    /// @param id names the job in shares
    /// @param clean whether all earlier jobs are void
    public record Notice(String id, MiningJob job, double difficulty, boolean clean) {}

    /// The server's part of the extra nonce.
    public Bytes extraNonce1() {
        return extraNonce1;
    }

    /// The miner wants jobs.
    public void subscribe() {
        subscribed = true;
    }

    /// Whether the miner is told of jobs: it subscribed, and it is known who is paid.
    public boolean isReady() {
        return subscribed && payTo.isPresent();
    }

    /// Names who is paid for blocks.
    public void authorize(Bytes script) {
        payTo = Optional.of(script);
    }

    /// Allows the miner to change bits of the version, see BIP-0310.
    ///
    /// @param asked the bits that it wants to change
    /// @return the bits that it may change
    public int allowVersions(int asked) {
        versionMask = asked & VERSION_MASK;
        return versionMask;
    }

    /// Makes a job of a template; only for a session that is ready.
    ///
    /// @param text at the end of the coinbase's script
    /// @param clean whether all earlier jobs are void
    public Notice give(WorkTemplate template, Bytes text, boolean clean) {
        if (clean) {
            jobs.clear();
            seen.clear();
        } else if (jobs.size() >= JOBS_MAX) {
            jobs.remove(jobs.keySet().iterator().next());
        }
        MiningJob job =
                MiningJob.of(
                        template,
                        payTo.orElseThrow(),
                        text,
                        EXTRA_NONCE1_BYTES + EXTRA_NONCE2_BYTES);
        String id = Long.toHexString(nextJob++);
        double difficulty = difficulty(template);
        jobs.put(id, new Given(job, difficulty));
        return new Notice(id, job, difficulty, clean);
    }

    /// The miner says which difficulty it would like; it may have it, if difficulties follow the speed.
    ///
    /// @throws IllegalArgumentException if it is none
    public void suggest(double difficulty) {
        if (!(difficulty > 0 && difficulty < Double.MAX_VALUE)) {
            throw new IllegalArgumentException("a difficulty is above 0");
        }
        rate.suggest(difficulty);
    }

    /// Looks whether the difficulty fits the miner's speed; to be called after each share and before each
    /// job. If it does not, the next job has another.
    ///
    /// @return whether the miner should have a job at once
    public boolean retarget(WorkTemplate template, Now now) {
        return isReady() && rate.adjust(difficulty(template), now);
    }

    private double difficulty(WorkTemplate template) {
        return shares.harderThanBlocks
                ? rate.wanted()
                : Math.min(rate.wanted(), ShareTarget.difficulty(template.place().target()));
    }

    /// Judges a share.
    public ShareVerdict submit(Share share, Now now) {
        if (!subscribed) {
            return refuse(ShareVerdict.Fault.UNSUBSCRIBED);
        }
        if (payTo.isEmpty()) {
            return refuse(ShareVerdict.Fault.UNAUTHORIZED);
        }
        Given given = jobs.get(share.job);
        if (given == null) {
            return refuse(ShareVerdict.Fault.STALE);
        }
        WorkTemplate.Place place = given.job.template().place();
        long latest = Math.max(now.unixSeconds(), place.time()) + FUTURE_SECONDS_MAX;
        if (share.time < place.minTime() || share.time > latest) {
            return refuse(ShareVerdict.Fault.TIME);
        }
        if ((share.versionBits & ~versionMask) != 0) {
            return refuse(ShareVerdict.Fault.VERSION);
        }
        if (share.extraNonce2.length() != EXTRA_NONCE2_BYTES) {
            return refuse(ShareVerdict.Fault.OTHER);
        }
        return judge(given, share);
    }

    private ShareVerdict judge(Given given, Share share) {
        MiningJob job = given.job;
        WorkTemplate.Place place = job.template().place();
        Bytes extraNonce = extraNonce1.plus(share.extraNonce2);
        int version = (place.version() & ~versionMask) | share.versionBits;
        BlockHeader header = job.header(extraNonce, share.time, version).withNonce(share.nonce);
        Digest256 hash = Digest256.of(header.hash().toByteArray());
        boolean isBlock = hash.compareTo(place.target()) <= 0;
        // Some miners take a new difficulty for jobs that they have, some only for the next.
        double difficulty = Math.min(given.difficulty, difficulty(job.template()));
        Digest256 target = ShareTarget.of(difficulty);
        if (!isBlock && hash.compareTo(target) > 0) {
            return refuse(ShareVerdict.Fault.LOW);
        }
        if (seen.contains(hash)) {
            return refuse(ShareVerdict.Fault.DUPLICATE);
        }
        rate.onShare(difficulty);
        if (seen.size() < SHARES_MAX) {
            seen.add(hash);
        } else if (!isBlock) {
            return refuse(ShareVerdict.Fault.MANY);
        }
        return isBlock
                ? new ShareVerdict.Found(job.block(header, extraNonce))
                : new ShareVerdict.Accepted();
    }

    private static ShareVerdict refuse(ShareVerdict.Fault fault) {
        return new ShareVerdict.Refused(fault);
    }
}
