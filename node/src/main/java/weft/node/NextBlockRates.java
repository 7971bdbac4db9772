package weft.node;

import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.mempool.FeeRate;
import weft.mempool.Mempool;
import weft.mempool.fees.NextBlockEstimator;
import weft.mempool.fees.NextBlockEstimator.Rates;
import weft.mining.TemplateBuilder;
import weft.primitives.Bytes;
import weft.primitives.Now;

/// The rates of a block made of the mempool, computed anew when a block came or some seconds passed.
final class NextBlockRates {
    private final Mempool mempool;
    private final TemplateBuilder templates;
    private @Nullable Rates last;
    private @Nullable HeaderNode lastTip;
    private long lastSeconds;

    NextBlockRates(Mempool mempool, TemplateBuilder templates) {
        this.mempool = mempool;
        this.templates = templates;
    }

    Rates get(HeaderNode tip, Now now) {
        Rates known = last;
        long age = now.unixSeconds() - lastSeconds;
        boolean isFresh = age >= 0 && age <= NextBlockEstimator.LIFE_SECONDS;
        if (known != null && isFresh && tip.equals(lastTip)) {
            return known;
        }
        FeeRate least = mempool.options().minRelay();
        FeeRate full = mempool.minFee(now.unixSeconds());
        var entries = templates.build(tip, mempool, Bytes.EMPTY, now).entries();
        Rates rates =
                NextBlockEstimator.rates(
                        NextBlockEstimator.chunks(entries, mempool::modifiedFee),
                        full.compareTo(least) > 0 ? full : least);
        last = rates;
        lastTip = tip;
        lastSeconds = now.unixSeconds();
        return rates;
    }
}
