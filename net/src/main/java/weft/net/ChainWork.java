package weft.net;

import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.DandelionTx;
import weft.wire.GetBlockTxn;
import weft.wire.GetData;
import weft.wire.Headers;
import weft.wire.Message;
import weft.wire.TxMessage;

/// Which messages give the chain engine something to do: to judge, or to find on the disk.
final class ChainWork {
    private ChainWork() {}

    static boolean isIn(Message message) {
        return switch (message) {
            case BlockMessage _,
                    BlockTxn _,
                    CmpctBlock _,
                    DandelionTx _,
                    GetBlockTxn _,
                    GetData _,
                    Headers _,
                    TxMessage _ ->
                    true;
            default -> false;
        };
    }
}
