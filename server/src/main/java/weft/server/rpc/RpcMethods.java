package weft.server.rpc;

import java.util.List;
import java.util.stream.Stream;
import weft.server.NodeApi;

/// All methods of a full node; those of a light one are in [LightMethods].
public final class RpcMethods {
    private RpcMethods() {}

    /// Puts them into a table.
    public static void register(RpcTable table, NodeApi node) {
        table.add(all(node, table));
    }

    /// The methods.
    ///
    /// @param table that they will be in
    public static List<RpcCommand> all(NodeApi node, RpcTable table) {
        return Stream.of(
                        new BlockchainRpc(node).commands(),
                        new ChainControlRpc(node).commands(),
                        new CoinStatsRpc(node).commands(),
                        new BlockStatsRpc(node).commands(),
                        new IndexRpc(node).commands(),
                        new ScanBlocksRpc(node).commands(),
                        new AddressIndexRpc(node).commands(),
                        new PruneRpc(node).commands(),
                        new SnapshotRpc(node).commands(),
                        new MempoolRpc(node).commands(),
                        new MiningRpc(node).commands(),
                        new BlockTemplateRpc(node).commands(),
                        new FeeRpc(node).commands(),
                        new RawTxRpc(node).commands(),
                        new SubmitRpc(node).commands(),
                        new PrivateBroadcastRpc(node).commands(),
                        new SignRpc(node).commands(),
                        new PsbtRpc(node).commands(),
                        new ScriptRpc(node).commands(),
                        new TxOutProofRpc(node).commands(),
                        new AddressRpc(node).commands(),
                        new MessageRpc(node).commands(),
                        new ScanRpc(node).commands(),
                        new PeersRpc(node).commands(),
                        new CaptureRpc(node).commands(),
                        new NetworkRpc(node).commands(),
                        new DefenceRpc(node).commands(),
                        new ControlRpc(node, table).commands())
                .flatMap(List::stream)
                .toList();
    }
}
