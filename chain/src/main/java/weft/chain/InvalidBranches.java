package weft.chain;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;

/// The branch with most work among those that break a rule: far above the tip, it tells that rather our own
/// state may be wrong.
final class InvalidBranches {
    private static final int MUCH_WORK_BLOCKS = 6;

    private final ChainRules rules;
    private @Nullable BlockEntry worst;

    InvalidBranches(ChainRules rules) {
        this.rules = rules;
    }

    /// Takes note of an invalid block.
    void note(BlockEntry entry) {
        if (worst == null || worst.node().chainWork().compareTo(entry.node().chainWork()) < 0) {
            worst = entry;
        }
    }

    /// Looks at all blocks anew, after the operator said that some are not invalid.
    void findAgain(HeaderTree tree) {
        worst = null;
        for (BlockEntry entry : tree.entries()) {
            if (entry.isFailed()) {
                note(entry);
            }
        }
    }

    /// Whether an invalid branch has the work of six blocks more than the active chain.
    boolean hasMuchWork(ActiveChain chain) {
        HeaderNode tip = chain.tipOrNull();
        if (worst == null || tip == null) {
            return false;
        }
        BigInteger margin = rules.work(tip.header()).multiply(BigInteger.valueOf(MUCH_WORK_BLOCKS));
        return worst.node().chainWork().compareTo(tip.chainWork().add(margin)) > 0;
    }
}
