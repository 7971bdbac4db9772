package weft.p2p.record;

import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.p2p.PeerCommand;
import weft.p2p.PeerId;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.primitives.codec.MalformedBytes;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Subnet;

/// What the operator says, as bytes. The compiler sees to it that no kind of command is forgotten.
final class CommandForm {
    private CommandForm() {}

    static void write(PeerCommand command, FormWriter out) {
        switch (command) {
            case PeerCommand.AddNode(String node, boolean v2) -> out.u8(0).text(node).bool(v2);
            case PeerCommand.RemoveNode(String node) -> out.u8(1).text(node);
            case PeerCommand.TryNode(String node, boolean v2) -> out.u8(2).text(node).bool(v2);
            case PeerCommand.OpenConnection(String address, ConnectionType type, boolean v2) ->
                    out.u8(3).text(address).u8(type.ordinal()).bool(v2);
            case PeerCommand.DisconnectPeer(PeerId peer) -> out.u8(4).i64(peer.value());
            case PeerCommand.SetNetworkActive(boolean active) -> out.u8(5).bool(active);
            case PeerCommand.PingAll() -> out.u8(6);
            case PeerCommand.AnnounceTx(Wtxid wtxid) -> out.u8(7).self(wtxid::write);
            case PeerCommand.Ban(Subnet subnet, long seconds, boolean absolute) ->
                    out.u8(8).subnet(subnet).i64(seconds).bool(absolute);
            case PeerCommand.Unban(Subnet subnet) -> out.u8(9).subnet(subnet);
            case PeerCommand.SendMessage(PeerId peer, var message) ->
                    out.u8(10).i64(peer.value()).message(message);
            case PeerCommand.FetchBlock(PeerId peer, HeaderNode node) ->
                    out.u8(11).i64(peer.value()).node(node);
            case PeerCommand.ClearBans() -> out.u8(12);
            case PeerCommand.AddAddress(AddressEntry entry, boolean tried) ->
                    entry(entry, out.u8(13)).bool(tried);
            case PeerCommand.SampleAddresses(int count, var network) ->
                    out.u8(14).i32(count).maybe(network, each -> out.u8(each.ordinal()));
            case PeerCommand.SetLimits(int fullRelay, int blockRelay, int inbound) ->
                    out.u8(15).i32(fullRelay).i32(blockRelay).i32(inbound);
            case PeerCommand.LearnLocal(NetAddress address, int score) ->
                    out.u8(16).address(address).i32(score);
            case PeerCommand.ForgetLocal(NetAddress address) -> out.u8(17).address(address);
            case PeerCommand.Reach(NetworkId network) -> out.u8(18).u8(network.ordinal());
            case PeerCommand.BroadcastPrivately(Transaction tx) -> out.u8(19).tx(tx);
            case PeerCommand.AbortPrivately(Wtxid wtxid) -> out.u8(20).self(wtxid::write);
        }
    }

    static PeerCommand read(FormReader in) {
        int kind = in.u8();
        return switch (kind) {
            case 0 -> new PeerCommand.AddNode(in.text(), in.bool());
            case 1 -> new PeerCommand.RemoveNode(in.text());
            case 2 -> new PeerCommand.TryNode(in.text(), in.bool());
            case 3 ->
                    new PeerCommand.OpenConnection(
                            in.text(), in.oneOf(ConnectionType.values()), in.bool());
            case 4 -> new PeerCommand.DisconnectPeer(new PeerId(in.i64()));
            case 5 -> new PeerCommand.SetNetworkActive(in.bool());
            case 6 -> new PeerCommand.PingAll();
            case 7 -> new PeerCommand.AnnounceTx(Wtxid.read(in.raw()));
            case 8 -> new PeerCommand.Ban(in.subnet(), in.i64(), in.bool());
            case 9 -> new PeerCommand.Unban(in.subnet());
            case 10 -> new PeerCommand.SendMessage(new PeerId(in.i64()), in.message());
            case 11 -> new PeerCommand.FetchBlock(new PeerId(in.i64()), in.node());
            case 12 -> new PeerCommand.ClearBans();
            case 13 -> new PeerCommand.AddAddress(entry(in), in.bool());
            case 14 ->
                    new PeerCommand.SampleAddresses(
                            in.i32(), in.maybe(() -> in.oneOf(NetworkId.values())));
            case 15 -> new PeerCommand.SetLimits(in.i32(), in.i32(), in.i32());
            case 16 -> new PeerCommand.LearnLocal(in.address(), in.i32());
            case 17 -> new PeerCommand.ForgetLocal(in.address());
            case 18 -> new PeerCommand.Reach(in.oneOf(NetworkId.values()));
            case 19 -> new PeerCommand.BroadcastPrivately(in.tx());
            case 20 -> new PeerCommand.AbortPrivately(Wtxid.read(in.raw()));
            default -> throw new MalformedBytes("no command has the number " + kind);
        };
    }

    static FormWriter entry(AddressEntry entry, FormWriter out) {
        return out.i64(entry.time()).i64(entry.services()).address(entry.address());
    }

    static AddressEntry entry(FormReader in) {
        long time = in.i64();
        long services = in.i64();
        NetAddress address = in.address();
        return FormReader.valid(() -> new AddressEntry(time, services, address));
    }
}
