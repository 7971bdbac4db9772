package weft.p2p;

/// How bytes are framed; names as in `getpeerinfo`'s `transport_protocol_type`.
public enum TransportVersion {
    /// Not known yet.
    DETECTING,
    /// Plain frames.
    V1,
    /// BIP-0324.
    V2
}
