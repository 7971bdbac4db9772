package weft.mining;

import java.util.ArrayList;
import java.util.List;
import weft.crypto.Sha256;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Transaction;

/// A template and who is paid: from an extra nonce, a time and a version come headers to hash, and from a
/// header that was found the block. What all headers share is computed once.
public final class MiningJob {
    private final WorkTemplate template;
    private final CoinbasePlan coinbase;
    private final List<Digest256> branch;

    /// @param coinbase of the template's height and value
    public MiningJob(WorkTemplate template, CoinbasePlan coinbase) {
        this.template = template;
        this.coinbase = coinbase;
        this.branch = branch(template.transactions());
    }

    /// A job that pays the whole value to one script.
    ///
    /// @param text at the end of the coinbase's script
    /// @param gap length of the extra nonce in bytes
    public static MiningJob of(WorkTemplate template, Bytes payTo, Bytes text, int gap) {
        return new MiningJob(
                template,
                new CoinbasePlan(
                        template.place().height(),
                        template.value(),
                        payTo,
                        template.commitment(),
                        text,
                        gap));
    }

    /// The hashes that lead from the id of the coinbase to the root, each the right one of its pair.
    private static List<Digest256> branch(List<Transaction> others) {
        var steps = new ArrayList<Digest256>();
        List<Digest256> level = new ArrayList<>();
        others.forEach(tx -> level.add(Digest256.of(tx.txid().toByteArray())));
        while (!level.isEmpty()) {
            steps.add(level.getFirst());
            var next = new ArrayList<Digest256>();
            for (int i = 1; i < level.size(); i += 2) {
                Digest256 right = i + 1 < level.size() ? level.get(i + 1) : level.get(i);
                next.add(pair(level.get(i), right));
            }
            level.clear();
            level.addAll(next);
        }
        return List.copyOf(steps);
    }

    private static Digest256 pair(Hash256 left, Hash256 right) {
        byte[] both = new byte[2 * Sha256.BYTES];
        System.arraycopy(left.toByteArray(), 0, both, 0, Sha256.BYTES);
        System.arraycopy(right.toByteArray(), 0, both, Sha256.BYTES, Sha256.BYTES);
        return Digest256.of(Sha256.hashTwice(both));
    }

    /// What the job is made from.
    public WorkTemplate template() {
        return template;
    }

    /// The coinbase with its gap.
    public CoinbasePlan coinbase() {
        return coinbase;
    }

    /// The hashes that lead from the id of the coinbase to the root.
    public List<Digest256> branch() {
        return branch;
    }

    /// The header for an extra nonce, with nonce 0.
    ///
    /// @param time in seconds since 1970; not before the template's least time
    public BlockHeader header(Bytes extraNonce, long time, int version) {
        Digest256 root = Digest256.of(coinbase.with(extraNonce).txid().toByteArray());
        for (Digest256 step : branch) {
            root = pair(root, step);
        }
        WorkTemplate.Place place = template.place();
        return new BlockHeader(version, place.parent(), root, time, place.bits(), 0);
    }

    /// The block that a header belongs to.
    ///
    /// @param extraNonce that the header was made with
    public Block block(BlockHeader header, Bytes extraNonce) {
        var all = new ArrayList<Transaction>();
        all.add(coinbase.with(extraNonce));
        all.addAll(template.transactions());
        return Block.of(header, all);
    }

    /// A whole block to be tried, with nonce 0 and the template's version.
    public Block candidate(Bytes extraNonce, long time) {
        return block(header(extraNonce, time, template.place().version()), extraNonce);
    }
}
