package weft.wire;

import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;

/// A message of the peer-to-peer protocol: one record for each command. Immutable.
///
/// Made by the peer engine (outgoing) and by [MessageCodec] (incoming); handled by an exhaustive `switch`.
public sealed interface Message
        permits Addr,
                AddrV2,
                BlockMessage,
                BlockTxn,
                CFCheckpt,
                CFHeaders,
                CFilter,
                CmpctBlock,
                DandelionAcc,
                DandelionTx,
                Feature,
                FeeFilter,
                FilterAdd,
                FilterClear,
                FilterLoad,
                GetAddr,
                GetBlockTxn,
                GetBlocks,
                GetCFCheckpt,
                GetCFHeaders,
                GetCFilters,
                GetData,
                GetHeaders,
                Headers,
                Inv,
                Mempool,
                MerkleBlock,
                NotFound,
                Ping,
                Pong,
                SendAddrV2,
                SendCmpct,
                SendHeaders,
                SendTxRcncl,
                TxMessage,
                Unknown,
                Verack,
                VersionMessage,
                WtxidRelay {
    /// Most bytes of a command's name.
    int COMMAND_BYTES = 12;

    /// Name on the wire.
    String command();

    /// Writes the payload.
    void write(ByteWriter out);

    /// The payload as bytes.
    default Bytes payload() {
        var out = new ByteWriter();
        write(out);
        return out.toBytes();
    }
}
