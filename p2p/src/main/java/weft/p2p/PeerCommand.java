package weft.p2p;

import java.util.Optional;
import weft.chain.api.HeaderNode;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.wire.AddressEntry;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Subnet;

/// What an operator may tell the peer engine. Whatever changes it is one of these or another [PeerInput]: who
/// asks only looks.
public sealed interface PeerCommand {
    /// Keep a connection to an address, now and after it is lost (`addnode … add`); answered by
    /// [PeerEvent.Answered].
    ///
    /// @param node host name or address, with or without a port
    record AddNode(String node, boolean v2) implements PeerCommand {}

    /// Stop keeping it (`addnode … remove`); answered by [PeerEvent.Answered].
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

    /// Hand a transaction of ours to a few strangers over connections that do not tell who we are, and keep
    /// it from everybody else (`-privatebroadcast`); answered by [PeerEvent.Answered], with a reason if it
    /// was not taken. One that is being handed out already counts as taken.
    record BroadcastPrivately(Transaction tx) implements PeerCommand {}

    /// Hand a transaction to nobody any more (`abortprivatebroadcast`); answered by [PeerEvent.Answered].
    record AbortPrivately(Wtxid wtxid) implements PeerCommand {}

    /// Ban a range of addresses and drop who is connected from there (`setban … add`).
    ///
    /// @param seconds how long, or until when; 0 or less for the default
    /// @param absolute `seconds` is a time since 1970
    record Ban(Subnet subnet, long seconds, boolean absolute) implements PeerCommand {}

    /// End a ban (`setban … remove`); answered by [PeerEvent.Answered].
    record Unban(Subnet subnet) implements PeerCommand {}

    /// Send a message as it is, for tests (`sendmsgtopeer`).
    record SendMessage(PeerId peer, Message message) implements PeerCommand {}

    /// Ask a peer for a block, whether or not we would (`getblockfrompeer`).
    record FetchBlock(PeerId peer, HeaderNode node) implements PeerCommand {}

    /// Let there be more or fewer connections from now on; those too many are closed.
    ///
    /// @param fullRelay outbound connections that relay everything, 0 or more
    /// @param blockRelay outbound connections for blocks only, 0 or more
    /// @param inbound connections of those who dial us, 0 or more
    record SetLimits(int fullRelay, int blockRelay, int inbound) implements PeerCommand {}

    /// End all bans (`clearbanned`).
    record ClearBans() implements PeerCommand {}

    /// Write an address into the book, for tests (`addpeeraddress`); answered by [PeerEvent.Answered].
    ///
    /// @param tried as one that worked
    record AddAddress(AddressEntry entry, boolean tried) implements PeerCommand {}

    /// An address of ours was found while running, by a proxy or an operator (Tor, I2P).
    ///
    /// @param score see [weft.p2p.addr.LocalAddresses]
    record LearnLocal(NetAddress address, int score) implements PeerCommand {}

    /// An address is ours no more.
    record ForgetLocal(NetAddress address) implements PeerCommand {}

    /// A network can be dialled from now on.
    record Reach(NetworkId network) implements PeerCommand {}

    /// Take a sample of the book without banned addresses (`getnodeaddresses`); answered by
    /// [PeerEvent.Sampled].
    ///
    /// @param count most addresses; 0 for all
    /// @param network of this network only; empty for any
    record SampleAddresses(int count, Optional<NetworkId> network) implements PeerCommand {}
}
