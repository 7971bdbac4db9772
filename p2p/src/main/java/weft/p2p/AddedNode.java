package weft.p2p;

import weft.wire.NetAddress;

/// A peer that the operator wants (`getaddednodeinfo`).
///
/// @param name as the operator wrote it
/// @param address of the connection; [NetAddress#UNSPECIFIED] without one
/// @param connected whether there is a connection
/// @param inbound whether they dialled
public record AddedNode(String name, NetAddress address, boolean connected, boolean inbound) {}
