package weft.mempool;

import org.jspecify.annotations.Nullable;

/// On what terms transactions are judged.
///
/// @param bypassLimits fees and room do not matter: the transaction comes out of a block
/// @param testOnly leave the mempool as it is
/// @param replacement others may leave for it
/// @param siblingEviction the other child of a version 3 parent may leave for it
/// @param packageSubmission the whole package is in before room is made
/// @param packageRates fees of all transactions count together
/// @param carveOuts one small child more than the limits allow
/// @param maxRate what the sender would pay at most; null for any
record AcceptTerms(
        boolean bypassLimits,
        boolean testOnly,
        boolean replacement,
        boolean siblingEviction,
        boolean packageSubmission,
        boolean packageRates,
        boolean carveOuts,
        @Nullable FeeRate maxRate) {

    static AcceptTerms single(boolean bypassLimits, boolean testOnly) {
        return new AcceptTerms(bypassLimits, testOnly, true, true, false, false, true, null);
    }

    static AcceptTerms packageTest() {
        return new AcceptTerms(false, true, false, false, false, false, false, null);
    }

    static AcceptTerms childWithParents(@Nullable FeeRate maxRate) {
        return new AcceptTerms(false, false, true, false, true, true, false, maxRate);
    }

    AcceptTerms singleInPackage() {
        return new AcceptTerms(false, testOnly, true, true, true, false, false, maxRate);
    }
}
