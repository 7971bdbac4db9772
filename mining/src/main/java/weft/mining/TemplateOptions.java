package weft.mining;

import weft.mempool.FeeRate;

/// How full a block becomes and what comes in.
///
/// @param weightMax weight of the block, header and coinbase counted (`-blockmaxweight`); 4,000 to
///     3,996,000, other values are taken to the nearer end
/// @param minRate rate below which nothing comes in, with what the operator added (`-blockmintxfee`)
/// @param version version of the header; -1 for what the deployments ask for (`-blockversion`)
public record TemplateOptions(int weightMax, FeeRate minRate, int version) {
    /// Weight left for header and coinbase.
    static final int RESERVED_WEIGHT = 4_000;

    private static final int WEIGHT_LIMIT = 3_996_000;

    /// Core's defaults.
    public static final TemplateOptions DEFAULT =
            new TemplateOptions(WEIGHT_LIMIT, new FeeRate(1_000), -1);

    /// Brings the weight into its range.
    public TemplateOptions {
        weightMax = Math.clamp(weightMax, RESERVED_WEIGHT, WEIGHT_LIMIT);
    }
}
