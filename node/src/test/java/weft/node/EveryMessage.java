package weft.node;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.wire.Addr;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.BlockLocator;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CFCheckpt;
import weft.wire.CFHeaders;
import weft.wire.CFilter;
import weft.wire.CmpctBlock;
import weft.wire.DandelionAcc;
import weft.wire.DandelionTx;
import weft.wire.Feature;
import weft.wire.FeeFilter;
import weft.wire.FilterAdd;
import weft.wire.FilterClear;
import weft.wire.FilterLoad;
import weft.wire.GetAddr;
import weft.wire.GetBlockTxn;
import weft.wire.GetBlocks;
import weft.wire.GetCFCheckpt;
import weft.wire.GetCFHeaders;
import weft.wire.GetCFilters;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Mempool;
import weft.wire.MerkleBlock;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NotFound;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.PrefilledTransaction;
import weft.wire.SendAddrV2;
import weft.wire.SendCmpct;
import weft.wire.SendHeaders;
import weft.wire.SendTxRcncl;
import weft.wire.TxMessage;
import weft.wire.Unknown;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// One message of every kind, with the same values in all of its fields.
///
/// @param hash in every field that is a hash
/// @param small in every field of 32 bits: times, heights, numbers
/// @param large in every field of 64 bits: amounts, fees, nonces, services, times
/// @param header of blocks
record EveryMessage(Digest256 hash, int small, long large, BlockHeader header) {
    private long unsigned() {
        return small & 0xffff_ffffL;
    }

    private BlockHash blockHash() {
        return new BlockHash(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    /// A transaction that spends, pays, and waits for these values.
    Transaction transaction() {
        var coin = new OutPoint(new Txid(hash.w0(), hash.w1(), hash.w2(), hash.w3()), unsigned());
        return Transaction.of(
                unsigned(),
                List.of(new TxIn(coin, Bytes.parse("51"), unsigned())),
                List.of(new TxOut(large, Target.OPEN), new TxOut(large, Target.OPEN)),
                List.of(),
                unsigned());
    }

    VersionMessage version() {
        var address = new VersionAddress(large, NetAddress.UNSPECIFIED);
        return new VersionMessage(
                small, large, large, address, address, large, "/odd:1/", small, true);
    }

    private List<InvItem> items() {
        var items = new ArrayList<InvItem>();
        for (int type : new int[] {small, InvType.TX, InvType.WTX, InvType.BLOCK}) {
            items.add(InvItem.of(type, hash));
        }
        return items;
    }

    /// All of them.
    List<Message> all() {
        var all = new ArrayList<Message>(relay());
        var entry = new AddressEntry(unsigned(), large, NetAddress.parse("20.1.1.1:8333", 0));
        all.addAll(
                List.of(
                        version(),
                        new Verack(),
                        new WtxidRelay(),
                        new SendAddrV2(),
                        new SendTxRcncl(unsigned(), large),
                        new Feature(Bytes.parse("61626364"), Bytes.EMPTY),
                        new SendHeaders(),
                        new SendCmpct(true, large),
                        new FeeFilter(large),
                        new Addr(List.of(entry)),
                        new AddrV2(List.of(entry)),
                        new GetAddr(),
                        new Mempool(),
                        new Ping(OptionalLong.of(large)),
                        Pong.of(large),
                        new FilterLoad(Bytes.parse("ff"), unsigned(), unsigned(), small & 0xff),
                        new FilterAdd(Bytes.parse("ff")),
                        new FilterClear(),
                        new DandelionAcc(),
                        new DandelionTx(transaction()),
                        new Unknown("alert", Bytes.wrap(new byte[100])),
                        new Unknown("", Bytes.EMPTY)));
        return all;
    }

    private List<Message> relay() {
        Transaction tx = transaction();
        var locator = new BlockLocator(small, List.of(blockHash()));
        int type = small & 0xff;
        return List.of(
                new Inv(items()),
                new GetData(items()),
                new NotFound(items()),
                new GetBlocks(locator, blockHash()),
                new GetHeaders(locator, blockHash()),
                new Headers(List.of(header)),
                BlockMessage.of(Block.of(header, List.of(tx, tx))),
                TxMessage.of(tx),
                new CmpctBlock(
                        header,
                        large,
                        List.of(large & 0xffff_ffff_ffffL),
                        List.of(new PrefilledTransaction(0, tx))),
                new GetBlockTxn(blockHash(), List.of(0, 65_535)),
                new BlockTxn(blockHash(), List.of(tx)),
                new MerkleBlock(header, unsigned(), List.of(hash), Bytes.parse("ff")),
                new GetCFilters(type, unsigned(), blockHash()),
                new GetCFHeaders(type, unsigned(), blockHash()),
                new GetCFCheckpt(type, blockHash()),
                new CFilter(type, blockHash(), Bytes.EMPTY),
                new CFHeaders(type, blockHash(), hash, List.of(hash)),
                new CFCheckpt(type, blockHash(), List.of(hash)));
    }
}
