package weft.app.mine;

import java.util.Optional;
import weft.primitives.Bytes;
import weft.primitives.address.PrivateKey;

/// What a miner was told.
///
/// @param payTo script that gets the reward
/// @param text at the end of each coinbase's script
/// @param threads at least 1
/// @param blocks stop after so many accepted blocks; 0 for never
/// @param isSignet whether blocks are signed
/// @param key that signs blocks; there if this is a signet
record MinerOptions(
        Bytes payTo,
        Bytes text,
        int threads,
        int blocks,
        boolean isSignet,
        Optional<PrivateKey> key) {}
