package weft.server.rpc;

/// A request below `/rest/` that is answered with an error.
final class RestFault extends RuntimeException {
    static final int BAD_REQUEST = 400;
    static final int NOT_FOUND = 404;
    private static final long serialVersionUID = 1L;

    private final int status;

    /// @param what the line that the caller gets
    RestFault(int status, String what) {
        super(what);
        this.status = status;
    }

    int status() {
        return status;
    }
}
