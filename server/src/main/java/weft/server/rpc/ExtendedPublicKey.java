package weft.server.rpc;

import java.util.Arrays;
import java.util.Optional;
import weft.crypto.HmacSha512;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.address.Base58;

/// A public key that others grow from, without any secret. See BIP-0032.
///
/// @param chainCode 32 bytes
/// @param key compressed
record ExtendedPublicKey(Bytes chainCode, Bytes key) {
    private static final int BYTES = 78;
    private static final int CHAIN_CODE_AT = 13;
    private static final int KEY_AT = 45;

    /// Reads the text form.
    ///
    /// @return empty if it is none of this network
    static Optional<ExtendedPublicKey> parse(String text, AddressPrefixes prefixes) {
        return Base58.decodeChecked(text, BYTES)
                .map(Bytes::wrap)
                .filter(each -> each.length() == BYTES && each.startsWith(prefixes.extPublic()))
                .map(
                        each ->
                                new ExtendedPublicKey(
                                        each.slice(CHAIN_CODE_AT, KEY_AT - CHAIN_CODE_AT),
                                        each.from(KEY_AT)))
                .filter(each -> Secp256k1.get().isValidPublicKey(each.key.toByteArray()));
    }

    /// The key of a number.
    ///
    /// @param number 0 to 2³¹ − 1: others need the secret
    /// @return empty for the one in 2¹²⁷ that does not exist
    Optional<ExtendedPublicKey> child(int number) {
        byte[] index = {
            (byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number
        };
        byte[] code = HmacSha512.hash(chainCode.toByteArray(), key.toByteArray(), index);
        byte[] tweak = Arrays.copyOf(code, 32);
        return Secp256k1.get()
                .publicKeyTweakAdd(key.toByteArray(), tweak)
                .map(
                        child ->
                                new ExtendedPublicKey(
                                        Bytes.wrap(Arrays.copyOfRange(code, 32, 64)),
                                        Bytes.wrap(child)));
    }
}
