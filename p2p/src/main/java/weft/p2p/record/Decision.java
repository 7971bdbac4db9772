package weft.p2p.record;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import weft.chain.api.ChainCommand;
import weft.p2p.PeerOutput;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteWriter;
import weft.wire.BlockMessage;
import weft.wire.Message;
import weft.wire.TxMessage;

/// An output of the engine in short: enough to see whether another run decided the same, and to say what
/// differs.
///
/// @param text what it does, for people
/// @param check a sum over all of it; transactions and blocks stand in it with their ids
public record Decision(String text, int check) {
    /// The decisions that outputs are, in order.
    static List<Decision> of(List<PeerOutput> outputs) {
        var all = new ArrayList<Decision>(outputs.size());
        for (PeerOutput each : outputs) {
            all.add(of(each));
        }
        return all;
    }

    /// That the engine broke.
    static Decision fault(Throwable fault) {
        return plain("breaks: " + fault);
    }

    private static Decision plain(String text) {
        return new Decision(text, 0);
    }

    static Decision of(PeerOutput output) {
        return switch (output) {
            case PeerOutput.Send(var peer, Message message) ->
                    new Decision("send " + message.command() + " to " + peer, sum(message));
            case PeerOutput.Connect(var dial, var address, var type, boolean v2) ->
                    plain(
                            "dial "
                                    + dial.value()
                                    + ": "
                                    + address
                                    + " as "
                                    + type.rpcName()
                                    + (v2 ? " by v2" : " by v1"));
            case PeerOutput.Disconnect(var peer, String why) ->
                    plain("disconnect " + peer + ": " + why);
            case PeerOutput.PauseReading(var peer, boolean paused) ->
                    plain((paused ? "pause " : "resume ") + peer);
            case PeerOutput.Resolve(String name, int port) -> plain("resolve " + name + ":" + port);
            case PeerOutput.Chain(ChainCommand command) ->
                    new Decision(
                            "tell the chain "
                                    + command.getClass().getSimpleName()
                                    + " of "
                                    + command.origin().id(),
                            sum(command));
            case PeerOutput.Emit(var event) -> plain("emit " + event);
        };
    }

    private static int sum(Message message) {
        var out = new ByteWriter();
        switch (message) {
            case BlockMessage(Block block, var encoding) ->
                    block(block, out.u8(encoding.ordinal()));
            case TxMessage(Transaction tx, var encoding) ->
                    tx.wtxid().write(out.u8(encoding.ordinal()));
            default -> message.write(out);
        }
        return sum(out);
    }

    private static int sum(ChainCommand command) {
        var out = new ByteWriter();
        switch (command) {
            case ChainCommand.SubmitHeaders(var _, var headers, boolean checked) ->
                    out.bool(checked).list(headers, (each, to) -> each.write(to));
            case ChainCommand.SubmitBlock(var _, Block block, boolean requested) ->
                    block(block, out.bool(requested));
            case ChainCommand.SubmitTx(var _, Transaction tx) -> tx.wtxid().write(out);
            case ChainCommand.TestTx(var _, var txs) ->
                    out.list(txs, (each, to) -> each.wtxid().write(to));
            case ChainCommand.SubmitPackage(var _, var txs, var senders) -> {
                out.list(txs, (each, to) -> each.wtxid().write(to));
                out.list(senders, (each, to) -> to.i64(each.id()));
            }
            case ChainCommand.NoteServed(var _, var txid) -> txid.write(out);
            case ChainCommand.FetchBlock(var _, var hash) -> hash.write(out);
        }
        return sum(out);
    }

    private static void block(Block block, ByteWriter out) {
        block.hash().write(out);
        block.transactions().forEach(each -> each.wtxid().write(out));
    }

    private static int sum(ByteWriter out) {
        Bytes all = out.toBytes();
        var sum = new CRC32C();
        sum.update(all.backingArray(), all.backingOffset(), all.length());
        return (int) sum.getValue();
    }

    static void write(Decision decision, FormWriter out) {
        out.text(decision.text).i32(decision.check);
    }

    static Decision read(FormReader in) {
        return new Decision(in.text(), in.i32());
    }

    @Override
    public String toString() {
        return check == 0 ? text : text + " (" + HexFormat.of().toHexDigits(check) + ")";
    }

    /// The place of the first decision that two runs do not share; empty if they are the same.
    static Optional<Integer> firstDifference(List<Decision> one, List<Decision> other) {
        for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
            if (i >= one.size() || i >= other.size() || !one.get(i).equals(other.get(i))) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }
}
