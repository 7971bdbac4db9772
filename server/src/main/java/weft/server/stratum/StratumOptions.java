package weft.server.stratum;

import java.net.InetSocketAddress;
import java.util.Optional;
import weft.mining.stratum.StratumSession;
import weft.primitives.Bytes;

/// What a Stratum server was told.
///
/// @param bind where it listens
/// @param payTo script that is paid where the user's name is no address
/// @param shares what is asked of each miner's shares
public record StratumOptions(
        InetSocketAddress bind, Optional<Bytes> payTo, StratumSession.Shares shares) {}
