package weft.app.village;

import java.util.SplittableRandom;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.crypto.Hash160;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.PrivateKey;

/// A key of one who plays a part in a scenario.
///
/// @param address where it is paid
/// @param secret the private key in wallet import format
record ClassroomKey(String address, String secret) {
    private static final int SECRET_BYTES = 32;

    /// The next key of a random source.
    static ClassroomKey next(SplittableRandom random) {
        byte[] secret = new byte[SECRET_BYTES];
        do {
            random.nextBytes(secret);
        } while (!Secp256k1.get().isValidSecretKey(secret));
        ChainParams params = ChainParams.of(Network.REGTEST);
        PrivateKey key = PrivateKey.of(Bytes.copyOf(secret), true);
        var owner =
                new Address.WitnessProgram(
                        0, Bytes.wrap(Hash160.hash(key.publicKey().toByteArray())));
        return new ClassroomKey(
                owner.encode(params.addressPrefixes()), key.encode(params.addressPrefixes()));
    }
}
