package weft.server.rpc;

/// Ends a call with an error that the caller gets to see.
public final class RpcException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    /// An error with one of Core's codes.
    public RpcException(RpcError error, String message) {
        super(message);
        this.code = error.code();
    }

    /// The number on the wire.
    public int code() {
        return code;
    }

    /// The text on the wire.
    public String text() {
        return String.valueOf(getMessage());
    }

    static RpcException type(String message) {
        return new RpcException(RpcError.TYPE_ERROR, message);
    }

    static RpcException parameter(String message) {
        return new RpcException(RpcError.INVALID_PARAMETER, message);
    }

    static RpcException notFound(String message) {
        return new RpcException(RpcError.INVALID_ADDRESS_OR_KEY, message);
    }

    static RpcException misc(String message) {
        return new RpcException(RpcError.MISC_ERROR, message);
    }
}
