package weft.p2p.record;

import java.util.List;
import java.util.Optional;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.primitives.codec.MalformedBytes;

/// What the chain engine tells, as bytes. The compiler sees to it that no kind of event is forgotten.
final class EventForm {
    private EventForm() {}

    static void write(ChainEvent event, FormWriter out) {
        switch (event) {
            case ChainEvent.Loaded(var headers, var stored, var tip, boolean initial) ->
                    out.u8(0).nodes(headers).nodes(stored).node(tip).bool(initial);
            case ChainEvent.HeadersAccepted(Origin origin, var headers, var added) ->
                    out.u8(1).i64(origin.id()).nodes(headers).nodes(added);
            case ChainEvent.HeadersRejected(Origin origin, var hash, var failure, var added) -> {
                out.u8(2).i64(origin.id()).self(hash::write);
                failure(failure, out).nodes(added);
            }
            case ChainEvent.BlockStored(Origin origin, HeaderNode node, boolean isNew) ->
                    out.u8(3).i64(origin.id()).node(node).bool(isNew);
            case ChainEvent.BlocksPruned(var nodes) -> out.u8(4).nodes(nodes);
            case ChainEvent.HistoryMoved(HeaderNode tip, HeaderNode base) ->
                    out.u8(5).node(tip).node(base);
            case ChainEvent.BlockConnected(HeaderNode node, var block) ->
                    out.u8(6).node(node).maybe(Optional.ofNullable(block), out::block);
            case ChainEvent.BlockDisconnected(HeaderNode node, Block block, boolean given) ->
                    out.u8(7).node(node).block(block).bool(given);
            case ChainEvent.TipChanged(var from, var to, var fork, boolean initial) ->
                    out.u8(8).node(from).node(to).node(fork).bool(initial);
            case ChainEvent.BlockRejected(Origin origin, BlockHash hash, var failure) -> {
                out.u8(9).i64(origin.id()).self(hash::write);
                failure(failure, out);
            }
            case ChainEvent.HeaderValidity(HeaderNode node, boolean valid) ->
                    out.u8(10).node(node).bool(valid);
            case ChainEvent.TxAccepted(Origin origin, Transaction tx, long fee) ->
                    out.u8(11).i64(origin.id()).tx(tx).i64(fee);
            case ChainEvent.TxRemoved(Txid txid, var reason) ->
                    out.u8(12).self(txid::write).u8(reason.ordinal());
            case ChainEvent.TxRejected(Origin origin, Transaction tx, TxFailure failure) ->
                    failure(failure, out.u8(13).i64(origin.id()).tx(tx));
            case ChainEvent.TxMissingInputs(Origin origin, Transaction tx, List<Txid> parents) ->
                    out.u8(14).i64(origin.id()).tx(tx).list(parents, each -> out.self(each::write));
            case ChainEvent.PackageJudged(Origin origin, List<Transaction> txs, var failure) ->
                    out.u8(15).i64(origin.id()).list(txs, out::tx).maybe(failure, out::text);
            case ChainEvent.TxUnrequested(Wtxid wtxid) -> out.u8(16).self(wtxid::write);
            case ChainEvent.MempoolMinFee(long perKvb) -> out.u8(17).i64(perKvb);
            case ChainEvent.BlockFetched(Origin origin, BlockHash hash, var block) ->
                    out.u8(18).i64(origin.id()).self(hash::write).maybe(block, out::block);
            case ChainEvent.TxTested(Origin origin, Transaction tx, var failure) ->
                    out.u8(19).i64(origin.id()).tx(tx).maybe(failure, each -> failure(each, out));
        }
    }

    static ChainEvent read(FormReader in) {
        int kind = in.u8();
        return switch (kind) {
            case 0 -> new ChainEvent.Loaded(in.nodes(), in.nodes(), in.node(), in.bool());
            case 1 -> new ChainEvent.HeadersAccepted(origin(in), in.nodes(), in.nodes());
            case 2 ->
                    new ChainEvent.HeadersRejected(
                            origin(in), BlockHash.read(in.raw()), blockFailure(in), in.nodes());
            case 3 -> new ChainEvent.BlockStored(origin(in), in.node(), in.bool());
            case 4 -> new ChainEvent.BlocksPruned(in.nodes());
            case 5 -> new ChainEvent.HistoryMoved(in.node(), in.node());
            case 6 -> new ChainEvent.BlockConnected(in.node(), in.maybe(in::block).orElse(null));
            case 7 -> new ChainEvent.BlockDisconnected(in.node(), in.block(), in.bool());
            case 8 -> new ChainEvent.TipChanged(in.node(), in.node(), in.node(), in.bool());
            case 9 ->
                    new ChainEvent.BlockRejected(
                            origin(in), BlockHash.read(in.raw()), blockFailure(in));
            case 10 -> new ChainEvent.HeaderValidity(in.node(), in.bool());
            case 11 -> new ChainEvent.TxAccepted(origin(in), in.tx(), in.i64());
            case 12 ->
                    new ChainEvent.TxRemoved(
                            Txid.read(in.raw()), in.oneOf(ChainEvent.RemovalReason.values()));
            case 13 -> new ChainEvent.TxRejected(origin(in), in.tx(), txFailure(in));
            case 14 ->
                    new ChainEvent.TxMissingInputs(
                            origin(in), in.tx(), in.list(() -> Txid.read(in.raw())));
            case 15 ->
                    new ChainEvent.PackageJudged(origin(in), in.list(in::tx), in.maybe(in::text));
            case 16 -> new ChainEvent.TxUnrequested(Wtxid.read(in.raw()));
            case 17 -> new ChainEvent.MempoolMinFee(in.i64());
            case 18 ->
                    new ChainEvent.BlockFetched(
                            origin(in), BlockHash.read(in.raw()), in.maybe(in::block));
            case 19 -> new ChainEvent.TxTested(origin(in), in.tx(), in.maybe(() -> txFailure(in)));
            default -> throw new MalformedBytes("no event of the chain has the number " + kind);
        };
    }

    private static Origin origin(FormReader in) {
        return new Origin(in.i64());
    }

    private static FormWriter failure(BlockFailure failure, FormWriter out) {
        return out.u8(failure.kind().ordinal()).text(failure.reason()).text(failure.detail());
    }

    private static FormWriter failure(TxFailure failure, FormWriter out) {
        return out.u8(failure.kind().ordinal()).text(failure.reason()).text(failure.detail());
    }

    private static BlockFailure blockFailure(FormReader in) {
        return new BlockFailure(in.oneOf(BlockFailure.Kind.values()), in.text(), in.text());
    }

    private static TxFailure txFailure(FormReader in) {
        return new TxFailure(in.oneOf(TxFailure.Kind.values()), in.text(), in.text());
    }
}
