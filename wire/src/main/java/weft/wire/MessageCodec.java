package weft.wire;

import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// Messages from bytes and to bytes. What is read shares the memory of the payload.
///
/// Bytes after the end of a message are ignored, as Bitcoin Core does, since later versions may add fields;
/// but not after [Feature], which forbids them.
/// Nothing is allocated that the payload does not pay for, and every failure is a [MalformedBytes].
public final class MessageCodec {
    private MessageCodec() {}

    /// Reads a payload.
    ///
    /// @param command name on the wire
    /// @param payload at most 4,000,000 bytes, as the transports see to
    /// @return the message; [Unknown] for commands that we do not know
    /// @throws MalformedBytes if the payload does not have the form of the command
    public static Message decode(String command, Bytes payload, Negotiated negotiated) {
        ByteReader in =
                ByteReader.of(payload.backingArray(), payload.backingOffset(), payload.length());
        return switch (command) {
            case VersionMessage.COMMAND -> VersionMessage.read(in);
            case Verack.COMMAND -> new Verack();
            case Addr.COMMAND -> Addr.read(in);
            case AddrV2.COMMAND -> AddrV2.read(in);
            case SendAddrV2.COMMAND -> new SendAddrV2();
            case Inv.COMMAND -> Inv.read(in);
            case GetData.COMMAND -> GetData.read(in);
            case NotFound.COMMAND -> NotFound.read(in);
            case MerkleBlock.COMMAND -> MerkleBlock.read(in);
            case GetBlocks.COMMAND -> GetBlocks.read(in);
            case GetHeaders.COMMAND -> GetHeaders.read(in);
            case TxMessage.COMMAND -> TxMessage.read(in);
            case Headers.COMMAND -> Headers.read(in);
            case BlockMessage.COMMAND -> BlockMessage.read(in);
            case GetAddr.COMMAND -> new GetAddr();
            case Mempool.COMMAND -> new Mempool();
            case Ping.COMMAND -> Ping.read(in, negotiated);
            case Pong.COMMAND -> Pong.read(in);
            case FilterLoad.COMMAND -> FilterLoad.read(in);
            case FilterAdd.COMMAND -> FilterAdd.read(in);
            case FilterClear.COMMAND -> new FilterClear();
            case SendHeaders.COMMAND -> new SendHeaders();
            case FeeFilter.COMMAND -> FeeFilter.read(in);
            case SendCmpct.COMMAND -> SendCmpct.read(in);
            case CmpctBlock.COMMAND -> CmpctBlock.read(in);
            case GetBlockTxn.COMMAND -> GetBlockTxn.read(in);
            case BlockTxn.COMMAND -> BlockTxn.read(in);
            case GetCFilters.COMMAND -> GetCFilters.read(in);
            case CFilter.COMMAND -> CFilter.read(in);
            case GetCFHeaders.COMMAND -> GetCFHeaders.read(in);
            case CFHeaders.COMMAND -> CFHeaders.read(in);
            case GetCFCheckpt.COMMAND -> GetCFCheckpt.read(in);
            case CFCheckpt.COMMAND -> CFCheckpt.read(in);
            case WtxidRelay.COMMAND -> new WtxidRelay();
            case DandelionAcc.COMMAND -> new DandelionAcc();
            case DandelionTx.COMMAND -> DandelionTx.read(in);
            case SendTxRcncl.COMMAND -> SendTxRcncl.read(in);
            case Feature.COMMAND -> Feature.read(in);
            default -> new Unknown(command, payload);
        };
    }

    /// Writes a payload.
    public static Bytes encode(Message message) {
        return message.payload();
    }
}
