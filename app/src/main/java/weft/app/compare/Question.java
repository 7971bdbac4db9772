package weft.app.compare;

import java.nio.charset.StandardCharsets;
import java.util.List;
import weft.crypto.Sha256;
import weft.primitives.Bytes;

/// A call of a node's RPC.
record Question(String method, List<Object> params) {
    private static final int DIGEST_BYTES = 4;

    static Question of(String method, Object... params) {
        return new Question(method, List.of(params));
    }

    /// Eight hex digits that another question hardly has.
    String digest() {
        byte[] text = (method + params).getBytes(StandardCharsets.UTF_8);
        return Bytes.wrap(Sha256.hash(text)).slice(0, DIGEST_BYTES).toHex();
    }
}
