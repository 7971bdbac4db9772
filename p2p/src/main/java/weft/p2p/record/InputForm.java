package weft.p2p.record;

import weft.chain.api.ChainEvent;
import weft.p2p.DialId;
import weft.p2p.PeerCommand;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerPermissions;
import weft.p2p.TransportVersion;
import weft.primitives.codec.MalformedBytes;

/// What happens to the engine, as bytes. The compiler sees to it that no kind of input is forgotten.
final class InputForm {
    private InputForm() {}

    static void write(PeerInput input, FormWriter out) {
        switch (input) {
            case PeerInput.Accepted(
                            PeerId peer,
                            var address,
                            var local,
                            boolean onion,
                            PeerPermissions permissions) ->
                    out.u8(0)
                            .i64(peer.value())
                            .address(address)
                            .address(local)
                            .bool(onion)
                            .i32(permissions.bits());
            case PeerInput.Connected(PeerId peer, DialId dial, var address, var local) ->
                    out.u8(1).i64(peer.value()).i64(dial.value()).address(address).address(local);
            case PeerInput.DialFailed(DialId dial, String why) ->
                    out.u8(2).i64(dial.value()).text(why);
            case PeerInput.TransportReady(PeerId peer, var version, var session) ->
                    out.u8(3).i64(peer.value()).u8(version.ordinal()).bytes(session);
            case PeerInput.Received(PeerId peer, var message, int payload, int wire) ->
                    out.u8(4).i64(peer.value()).message(message).i32(payload).i32(wire);
            case PeerInput.Malformed(PeerId peer, var command, int payload, int wire, var why) ->
                    out.u8(5).i64(peer.value()).text(command).i32(payload).i32(wire).text(why);
            case PeerInput.Dropped(PeerId peer, int wire) -> out.u8(6).i64(peer.value()).i32(wire);
            case PeerInput.Heard(PeerId peer, int wire) -> out.u8(7).i64(peer.value()).i32(wire);
            case PeerInput.Sent(PeerId peer, String command, int wire, long queued) ->
                    out.u8(8).i64(peer.value()).text(command).i32(wire).i64(queued);
            case PeerInput.Disconnected(PeerId peer, String why, boolean retry) ->
                    out.u8(9).i64(peer.value()).text(why).bool(retry);
            case PeerInput.Resolved(String name, var addresses) ->
                    out.u8(10).text(name).list(addresses, out::address);
            case PeerInput.Chain(ChainEvent event) -> EventForm.write(event, out.u8(11));
            case PeerInput.Command(PeerCommand command) -> CommandForm.write(command, out.u8(12));
            case PeerInput.Tick() -> out.u8(13);
            case PeerInput.Queued(PeerId peer, int payload) ->
                    out.u8(14).i64(peer.value()).i32(payload);
            case PeerInput.Decoy(PeerId peer, int wire) -> out.u8(15).i64(peer.value()).i32(wire);
        }
    }

    static PeerInput read(FormReader in) {
        int kind = in.u8();
        return switch (kind) {
            case 0 ->
                    new PeerInput.Accepted(
                            peer(in),
                            in.address(),
                            in.address(),
                            in.bool(),
                            new PeerPermissions(in.i32()));
            case 1 ->
                    new PeerInput.Connected(
                            peer(in), new DialId(in.i64()), in.address(), in.address());
            case 2 -> new PeerInput.DialFailed(new DialId(in.i64()), in.text());
            case 3 ->
                    new PeerInput.TransportReady(
                            peer(in), in.oneOf(TransportVersion.values()), in.bytes());
            case 4 -> new PeerInput.Received(peer(in), in.message(), in.i32(), in.i32());
            case 5 -> new PeerInput.Malformed(peer(in), in.text(), in.i32(), in.i32(), in.text());
            case 6 -> new PeerInput.Dropped(peer(in), in.i32());
            case 7 -> new PeerInput.Heard(peer(in), in.i32());
            case 8 -> new PeerInput.Sent(peer(in), in.text(), in.i32(), in.i64());
            case 9 -> new PeerInput.Disconnected(peer(in), in.text(), in.bool());
            case 10 -> new PeerInput.Resolved(in.text(), in.list(in::address));
            case 11 -> new PeerInput.Chain(EventForm.read(in));
            case 12 -> new PeerInput.Command(CommandForm.read(in));
            case 13 -> new PeerInput.Tick();
            case 14 -> new PeerInput.Queued(peer(in), in.i32());
            case 15 -> new PeerInput.Decoy(peer(in), in.i32());
            default -> throw new MalformedBytes("no input has the number " + kind);
        };
    }

    private static PeerId peer(FormReader in) {
        return new PeerId(in.i64());
    }
}
