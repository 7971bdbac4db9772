package weft.p2p;

/// How far we are from the bytes that we mean to send in a day (`getnettotals`).
///
/// @param cycleSeconds length of a day
/// @param target bytes; 0 for no limit, and then nothing else says anything
/// @param reached whether they are used up
/// @param servesHistory whether old blocks are served
/// @param bytesLeft of the target
/// @param secondsLeft of the day
public record UploadState(
        long cycleSeconds,
        long target,
        boolean reached,
        boolean servesHistory,
        long bytesLeft,
        long secondsLeft) {}
