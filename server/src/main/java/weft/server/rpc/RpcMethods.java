package weft.server.rpc;

/// All methods of a full node.
public final class RpcMethods {
    private RpcMethods() {}

    /// Puts them into a table.
    public static void register(RpcTable table, NodeApi node) {
        table.add(new BlockchainRpc(node).commands())
                .add(new ChainControlRpc(node).commands())
                .add(new MempoolRpc(node).commands())
                .add(new MiningRpc(node).commands())
                .add(new RawTxRpc(node).commands())
                .add(new AddressRpc(node).commands())
                .add(new PeersRpc(node).commands())
                .add(new NetworkRpc(node).commands())
                .add(new ControlRpc(node, table).commands());
    }
}
