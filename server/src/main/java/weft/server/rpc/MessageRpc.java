package weft.server.rpc;

import static weft.server.rpc.RpcParam.required;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import weft.crypto.Hash160;
import weft.crypto.Secp256k1;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.address.PrivateKey;
import weft.primitives.codec.ByteWriter;
import weft.server.PeersApi;
import weft.server.json.Json;

/// Texts signed by the key of an address of the oldest kind, and the check of such signatures.
public final class MessageRpc {
    private static final String CATEGORY = "util";
    private static final String MAGIC = "Bitcoin Signed Message:\n";

    /// Added to the recovery id in the first byte of a signature.
    private static final int FIRST = 27;

    private static final int COMPRESSED = 4;
    private static final int SIGNATURE_BYTES = 65;

    private final PeersApi node;

    /// Methods over a node.
    public MessageRpc(PeersApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "signmessagewithprivkey",
                        "Signs a text with a private key.",
                        this::sign,
                        required("privkey", ParamType.STR, "The key in wallet import format"),
                        required("message", ParamType.STR, "The text")),
                RpcCommand.of(
                        CATEGORY,
                        "verifymessage",
                        "Says whether a text was signed by the key of an address.",
                        this::verify,
                        required("address", ParamType.STR, "The address, of kind P2PKH"),
                        required("signature", ParamType.STR, "The signature in base 64"),
                        required("message", ParamType.STR, "The text")));
    }

    static byte[] digest(String message) {
        byte[] magic = MAGIC.getBytes(StandardCharsets.UTF_8);
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        var all =
                new ByteWriter(magic.length + text.length + 10)
                        .compactSize(magic.length)
                        .bytes(magic)
                        .compactSize(text.length)
                        .bytes(text);
        return Sha256.hashTwice(all.toByteArray());
    }

    private JsonNode sign(RpcCall call) {
        PrivateKey key =
                PrivateKey.parse(call.text(0), node.params().addressPrefixes())
                        .orElseThrow(() -> RpcException.notFound("Invalid private key"));
        byte[] signature =
                Secp256k1.get()
                        .ecdsaSignRecoverable(digest(call.text(1)), key.secret().toByteArray());
        signature[0] += (byte) (FIRST + (key.isCompressed() ? COMPRESSED : 0));
        return Json.text(Base64.getEncoder().encodeToString(signature));
    }

    private JsonNode verify(RpcCall call) {
        Address address;
        try {
            address = Address.parse(call.text(0), node.params().addressPrefixes());
        } catch (AddressFault e) {
            throw RpcException.notFound("Invalid address");
        }
        if (!(address instanceof Address.P2pkh)) {
            throw RpcException.type("Address does not refer to key");
        }
        byte[] signature =
                base64(call.text(1))
                        .orElseThrow(() -> RpcException.type("Malformed base64 encoding"));
        boolean signed =
                signer(signature, digest(call.text(2)))
                        .map(key -> new Address.P2pkh(Bytes.wrap(Hash160.hash(key))))
                        .filter(address::equals)
                        .isPresent();
        return Json.bool(signed);
    }

    private static Optional<byte[]> base64(String text) {
        if (text.length() % 4 != 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Optional<byte[]> signer(byte[] signature, byte[] digest) {
        if (signature.length != SIGNATURE_BYTES) {
            return Optional.empty();
        }
        int form = (signature[0] & 0xff) - FIRST;
        byte[] recoverable = Arrays.copyOf(signature, SIGNATURE_BYTES);
        recoverable[0] = (byte) (form & 3);
        return Secp256k1.get().ecdsaRecover(recoverable, digest, (form & COMPRESSED) != 0);
    }
}
