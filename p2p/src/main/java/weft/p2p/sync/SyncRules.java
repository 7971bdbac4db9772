package weft.p2p.sync;

import java.math.BigInteger;
import weft.consensus.ChainParams;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;

/// What [BlockSync] asks of the rules of consensus; pure functions. A node answers from its chain
/// parameters, tests
/// may answer as they like.
public interface SyncRules {
    /// The rules of a network, with the minimum of chain work that its parameters name.
    static SyncRules of(ChainParams params) {
        return of(params, params.trust().minimumChainWork());
    }

    /// The rules of a network.
    ///
    /// @param minimumChainWork by the operator's word
    static SyncRules of(ChainParams params, BigInteger minimumChainWork) {
        return new NetworkRules(params, minimumChainWork);
    }

    /// Work below which a chain is not worth downloading (`-minimumchainwork`).
    BigInteger minimumChainWork();

    /// Seconds between blocks that the network aims at.
    long targetSpacingSeconds();

    /// Expected number of hashes for one header, by the target that it claims; 0 if it claims an impossible
    /// one.
    BigInteger work(BlockHeader header);

    /// Whether a header's hash meets the target that it claims, and the network allows that target at all.
    boolean hasValidWork(BlockHeader header, BlockHash hash);

    /// Whether the target may change so from the block before to the one at a height.
    ///
    /// @param bitsBefore the target of the block before, in compact form
    /// @param bits the target of the block at that height
    boolean isPermittedTransition(long height, long bitsBefore, long bits);

    /// Whether a block at a height may have witnesses.
    boolean isSegwitActive(int height);
}
