package weft.p2p;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.primitives.Now;
import weft.primitives.log.LogCategory;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Subnet;

/// Does what the operator says.
final class Operator {
    private final EngineParts parts;
    private final Dialler dialler;
    private final OutboundPlan plan;
    private final Admission admission;
    private final PrivateBroadcast privately;

    Operator(
            EngineParts parts,
            Dialler dialler,
            OutboundPlan plan,
            Admission admission,
            PrivateBroadcast privately) {
        this.parts = parts;
        this.dialler = dialler;
        this.plan = plan;
        this.admission = admission;
        this.privately = privately;
    }

    void handle(PeerCommand command, Now now, Outbox out) {
        switch (command) {
            case PeerCommand.AddNode(String node, boolean v2) ->
                    answer(plan.added().add(node, v2), out);
            case PeerCommand.RemoveNode(String node) -> answer(plan.added().remove(node), out);
            case PeerCommand.TryNode(String node, boolean v2) ->
                    dialler.dial(Dial.named(node, ConnectionType.MANUAL, v2), now, out);
            case PeerCommand.OpenConnection(String address, ConnectionType type, boolean v2) ->
                    dialler.dial(Dial.named(address, type, v2), now, out);
            case PeerCommand.DisconnectPeer(PeerId peer) -> disconnect(peer, out);
            case PeerCommand.SetNetworkActive(boolean active) -> setNetworkActive(active, now, out);
            case PeerCommand.PingAll() -> parts.pings.pingAll(now, out);
            case PeerCommand.AnnounceTx(var wtxid) -> parts.txs.send(wtxid, now, out);
            case PeerCommand.BroadcastPrivately(var tx) -> privately.begin(tx, now, out);
            case PeerCommand.AbortPrivately(var wtxid) -> privately.abort(wtxid, out);
            case PeerCommand.Ban each -> ban(each, now, out);
            case PeerCommand.Unban(Subnet subnet) ->
                    answer(parts.bans.unban(parts.meant(subnet)), out);
            case PeerCommand.SendMessage(PeerId peer, var message) -> out.send(peer, message);
            case PeerCommand.FetchBlock(PeerId peer, HeaderNode node) ->
                    parts.blocks.fetchBlock(peer, node, now, out);
            case PeerCommand.ClearBans() -> parts.bans.clear();
            case PeerCommand.AddAddress(AddressEntry entry, boolean tried) ->
                    addAddress(entry, tried, now, out);
            case PeerCommand.LearnLocal(NetAddress address, int score) ->
                    parts.locals.add(parts.meant(address), score);
            case PeerCommand.ForgetLocal(NetAddress address) -> parts.locals.remove(address);
            case PeerCommand.Reach(NetworkId network) -> parts.reachable.add(network);
            case PeerCommand.SampleAddresses(int count, var network) ->
                    sample(count, network.orElse(null), now, out);
            case PeerCommand.SetLimits each -> {
                admission.setLimits(each, now, out);
                plan.wake(now);
            }
        }
        plan.onTick(now, out);
    }

    private static void answer(boolean done, Outbox out) {
        out.emit(new PeerEvent.Answered(done, ""));
    }

    private void disconnect(PeerId peer, Outbox out) {
        parts.log.debug(LogCategory.NET, () -> "disconnect by id peer=" + peer + "; disconnecting");
        parts.connections.disconnect(peer, "by the operator", out);
    }

    private void setNetworkActive(boolean active, Now now, Outbox out) {
        dialler.setActive(active);
        if (!active) {
            for (Connection each : parts.connections.open()) {
                parts.log.debug(
                        LogCategory.NET, () -> "Network not active, dropping peer=" + each.id());
                parts.connections.disconnect(each.id(), "network not active", out);
            }
        }
        plan.wake(now);
    }

    private void ban(PeerCommand.Ban command, Now now, Outbox out) {
        Subnet range = parts.meant(command.subnet());
        parts.bans.ban(range, command.seconds(), command.absolute(), now.unixSeconds());
        for (Connection each : parts.connections.open()) {
            if (range.contains(each.peer.address())) {
                parts.connections.disconnect(each.id(), "banned", out);
            }
        }
    }

    private void addAddress(AddressEntry given, boolean tried, Now now, Outbox out) {
        long seconds = now.unixSeconds();
        NetAddress address = parts.meant(given.address());
        var entry = new AddressEntry(given.time(), given.services(), address);
        String why = "";
        if (!parts.book.add(List.of(entry), address, 0, seconds)) {
            why = "failed-adding-to-new";
        } else if (tried && !parts.book.good(address, seconds)) {
            why = "failed-adding-to-tried";
        }
        out.emit(new PeerEvent.Answered(why.isEmpty(), why));
    }

    private void sample(int count, @Nullable NetworkId network, Now now, Outbox out) {
        List<AddressEntry> found =
                parts.book.sample(count, 0, network, true, now.unixSeconds()).stream()
                        .filter(each -> !parts.isUnwanted(each.address()))
                        .toList();
        out.emit(new PeerEvent.Sampled(found));
    }
}
