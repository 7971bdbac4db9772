package weft.server.rpc;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Opcode;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptReader;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.Transaction.Encoding;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// Finds out how a transaction is encoded. Without inputs both forms may fit the same bytes: then the one
/// whose scripts make sense is meant.
final class TxDecoding {
    private TxDecoding() {}

    /// Reads a transaction.
    ///
    /// @param witness whether it is encoded with witnesses; null if that is not known
    /// @param failure the message if it is none
    /// @throws RpcException if it is none
    static Transaction parse(String hex, @Nullable Boolean witness, String failure) {
        if (!RpcCall.isHex(hex)) {
            throw new RpcException(RpcError.DESERIALIZATION_ERROR, failure);
        }
        byte[] bytes = Bytes.parse(hex).toByteArray();
        boolean tryExtended = witness == null || witness;
        boolean tryLegacy = witness == null || !witness;
        Optional<Transaction> extended =
                tryExtended ? read(bytes, Encoding.WITNESS) : Optional.empty();
        if (extended.filter(TxDecoding::isSane).isPresent()) {
            return extended.get();
        }
        Optional<Transaction> legacy = tryLegacy ? read(bytes, Encoding.LEGACY) : Optional.empty();
        if (legacy.filter(TxDecoding::isSane).isPresent()) {
            return legacy.get();
        }
        return extended.or(() -> legacy)
                .orElseThrow(() -> new RpcException(RpcError.DESERIALIZATION_ERROR, failure));
    }

    private static Optional<Transaction> read(byte[] bytes, Encoding encoding) {
        try {
            ByteReader in = ByteReader.of(bytes);
            Transaction tx = Transaction.read(in, encoding);
            in.expectEnd();
            return Optional.of(tx);
        } catch (MalformedBytes _) {
            return Optional.empty();
        }
    }

    private static boolean isSane(Transaction tx) {
        boolean inputs =
                tx.isCoinbase() || tx.inputs().stream().allMatch(each -> isSane(each.scriptSig()));
        return inputs && tx.outputs().stream().allMatch(each -> isSane(each.scriptPubKey()));
    }

    private static boolean isSane(Bytes script) {
        return script.length() <= Script.BYTES_MAX && hasValidOps(script);
    }

    /// Whether every operation is known and every push fits on the stack.
    static boolean hasValidOps(Bytes script) {
        ScriptReader reader = ScriptReader.of(script);
        while (reader.next()) {
            if (reader.opcode() > Opcode.OP_NOP10
                    || reader.pushLength() > Script.ELEMENT_BYTES_MAX) {
                return false;
            }
        }
        return reader.isWellFormedEnd();
    }
}
