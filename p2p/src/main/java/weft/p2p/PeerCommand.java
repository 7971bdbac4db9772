package weft.p2p;

import weft.chain.api.HeaderNode;
import weft.primitives.Wtxid;
import weft.wire.Message;
import weft.wire.Subnet;

/// What an operator may tell the peer engine.
public sealed interface PeerCommand {
    /// Keep a connection to an address, now and after it is lost (`addnode … add`).
    ///
    /// @param node host name or address, with or without a port
    record AddNode(String node, boolean v2) implements PeerCommand {}

    /// Stop keeping it (`addnode … remove`).
    record RemoveNode(String node) implements PeerCommand {}

    /// Connect once (`addnode … onetry`).
    record TryNode(String node, boolean v2) implements PeerCommand {}

    /// Open a connection of a given kind, for tests (`addconnection`).
    record OpenConnection(String address, ConnectionType type, boolean v2) implements PeerCommand {}

    /// Close a connection.
    record DisconnectPeer(PeerId peer) implements PeerCommand {}

    /// Switch all networking on or off.
    record SetNetworkActive(boolean active) implements PeerCommand {}

    /// Ping every peer now.
    record PingAll() implements PeerCommand {}

    /// Announce a mempool transaction of ours to every peer.
    record AnnounceTx(Wtxid wtxid) implements PeerCommand {}

    /// Ban a range of addresses and drop who is connected from there (`setban … add`).
    ///
    /// @param seconds how long, or until when; 0 or less for the default
    /// @param absolute `seconds` is a time since 1970
    record Ban(Subnet subnet, long seconds, boolean absolute) implements PeerCommand {}

    /// End a ban (`setban … remove`).
    record Unban(Subnet subnet) implements PeerCommand {}

    /// Send a message as it is, for tests (`sendmsgtopeer`).
    record SendMessage(PeerId peer, Message message) implements PeerCommand {}

    /// Ask a peer for a block, whether or not we would (`getblockfrompeer`).
    record FetchBlock(PeerId peer, HeaderNode node) implements PeerCommand {}

    /// End all bans (`clearbanned`).
    record ClearBans() implements PeerCommand {}
}
