package weft.chain;

import java.util.ArrayList;
import java.util.List;
import weft.chain.api.HeaderNode;
import weft.primitives.Check;

/// Lists the branches of the header tree.
final class BranchEnds {
    private BranchEnds() {}

    /// The ends of all branches, the highest first.
    static List<ChainTip> of(ChainParts parts) {
        var tips = new ArrayList<ChainTip>();
        HeaderNode active = parts.chain.tip();
        boolean listed = false;
        for (BlockEntry leaf : parts.tree.leaves()) {
            listed |= leaf.node().equals(active);
            tips.add(tip(parts, leaf));
        }
        if (!listed) {
            tips.add(tip(parts, parts.tree.entry(active)));
            tips.sort((a, b) -> Integer.compare(b.node().height(), a.node().height()));
        }
        return tips;
    }

    private static ChainTip tip(ChainParts parts, BlockEntry entry) {
        HeaderNode fork =
                Check.present(parts.chain.fork(entry.node()), "all branches share genesis");
        return new ChainTip(entry.node(), entry.height() - fork.height(), tipStatus(parts, entry));
    }

    private static ChainTip.Status tipStatus(ChainParts parts, BlockEntry entry) {
        if (entry.node().equals(parts.chain.tip())) {
            return ChainTip.Status.ACTIVE;
        }
        if (entry.isFailed()) {
            return ChainTip.Status.INVALID;
        }
        if (!entry.isBranchComplete()) {
            return ChainTip.Status.HEADERS_ONLY;
        }
        return entry.is(BlockEntry.VALID_SCRIPTS)
                ? ChainTip.Status.VALID_FORK
                : ChainTip.Status.VALID_HEADERS;
    }
}
