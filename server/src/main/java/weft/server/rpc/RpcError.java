package weft.server.rpc;

/// The error codes of JSON-RPC and of Bitcoin Core, with Core's numbers.
public enum RpcError {
    /// The request is no request.
    INVALID_REQUEST(-32600),
    /// There is no such method.
    METHOD_NOT_FOUND(-32601),
    /// The arguments are wrong in a way that the protocol itself forbids.
    INVALID_PARAMS(-32602),
    /// Something of ours is broken.
    INTERNAL_ERROR(-32603),
    /// The body is not JSON.
    PARSE_ERROR(-32700),
    /// Anything else; also a wrong number of arguments, with the help text.
    MISC_ERROR(-1),
    /// An argument has the wrong type.
    TYPE_ERROR(-3),
    /// There is no such wallet thing, or the wallet cannot do it.
    WALLET_ERROR(-4),
    /// An address, a key, a block or a transaction is not known or not valid.
    INVALID_ADDRESS_OR_KEY(-5),
    /// Memory ran out.
    OUT_OF_MEMORY(-7),
    /// An argument is missing, given twice, or out of range.
    INVALID_PARAMETER(-8),
    /// We are not connected to anybody.
    CLIENT_NOT_CONNECTED(-9),
    /// The chain is still being downloaded.
    CLIENT_IN_INITIAL_DOWNLOAD(-10),
    /// There is no such wallet.
    WALLET_NOT_FOUND(-18),
    /// The database failed.
    DATABASE_ERROR(-20),
    /// Bytes do not decode.
    DESERIALIZATION_ERROR(-22),
    /// The node was added before.
    CLIENT_NODE_ALREADY_ADDED(-23),
    /// The node was never added.
    CLIENT_NODE_NOT_ADDED(-24),
    /// A block or transaction is missing something.
    VERIFY_ERROR(-25),
    /// A block or transaction breaks a rule.
    VERIFY_REJECTED(-26),
    /// The transaction's outputs are in the chain already.
    VERIFY_ALREADY_IN_UTXO_SET(-27),
    /// The node still starts.
    IN_WARMUP(-28),
    /// There is no such connection.
    CLIENT_NODE_NOT_CONNECTED(-29),
    /// No address or range.
    CLIENT_INVALID_IP_OR_SUBNET(-30),
    /// There are no peer connections in this process.
    CLIENT_P2P_DISABLED(-31),
    /// The method is deprecated.
    METHOD_DEPRECATED(-32),
    /// There is no mempool.
    CLIENT_MEMPOOL_DISABLED(-33),
    /// No room for one more connection of that kind.
    CLIENT_NODE_CAPACITY_REACHED(-34);

    private final int code;

    RpcError(int code) {
        this.code = code;
    }

    /// The number on the wire.
    public int code() {
        return code;
    }
}
