package weft.server.stratum;

import java.net.InetSocketAddress;
import java.util.Optional;
import weft.primitives.Bytes;

/// What a Stratum server was told.
///
/// @param bind where it listens
/// @param payTo script that is paid where the user's name is no address
/// @param difficulty of shares, above 0
public record StratumOptions(InetSocketAddress bind, Optional<Bytes> payTo, double difficulty) {}
