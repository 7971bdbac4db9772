package weft.chain;

import weft.chain.api.HeaderNode;

/// What is known of a block at one moment.
///
/// @param hasBlock its bytes are on disk
/// @param hasUndo its undo data is on disk
/// @param isValidated everything was checked, scripts included
/// @param isInvalid it breaks a rule, or stands on one that does
/// @param txCount transactions in it; 0 if it never came
/// @param chainTxCount transactions up to and with it; 0 if a block of its branch never came
public record BlockStatus(
        HeaderNode node,
        boolean hasBlock,
        boolean hasUndo,
        boolean isValidated,
        boolean isInvalid,
        int txCount,
        long chainTxCount) {}
