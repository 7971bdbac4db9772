package weft.primitives.address;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import weft.primitives.Bytes;
import weft.primitives.Check;

/// Whom an output pays, in a form that people can copy. An address is the same on every network; only its
/// text differs.
public sealed interface Address {
    /// Hash of a public key: the owner of the key.
    ///
    /// @param hash 20 bytes, `Hash160` of the key
    record P2pkh(Bytes hash) implements Address {
        /// Checks the length.
        public P2pkh {
            Check.argument(hash.length() == HASH_BYTES, "20 bytes wanted");
        }

        @Override
        public Bytes scriptPubKey() {
            return P2PKH_HEAD.plus(hash).plus(P2PKH_TAIL);
        }

        @Override
        public String encode(AddressPrefixes prefixes) {
            return AddressText.ofHash(prefixes.pubkeyHash(), hash);
        }
    }

    /// Hash of a script: whoever satisfies the script. See BIP-0016.
    ///
    /// @param hash 20 bytes, `Hash160` of the script
    record P2sh(Bytes hash) implements Address {
        /// Checks the length.
        public P2sh {
            Check.argument(hash.length() == HASH_BYTES, "20 bytes wanted");
        }

        @Override
        public Bytes scriptPubKey() {
            return P2SH_HEAD.plus(hash).plus(P2SH_TAIL);
        }

        @Override
        public String encode(AddressPrefixes prefixes) {
            return AddressText.ofHash(prefixes.scriptHash(), hash);
        }
    }

    /// A witness program. See BIP-0141.
    ///
    /// @param version 0 to 16
    /// @param program 2 to 40 bytes; 20 or 32 if the version is 0
    record WitnessProgram(int version, Bytes program) implements Address {
        /// Checks version and length.
        public WitnessProgram {
            Check.argument(
                    isAddress(version, program.length()), "no witness program that has an address");
        }

        static boolean isAddress(int version, int length) {
            boolean fits =
                    version == 0 ? length == 20 || length == 32 : length >= 2 && length <= 40;
            return version >= 0 && version <= VERSION_MAX && fits;
        }

        @Override
        public Bytes scriptPubKey() {
            int opcode = version == 0 ? 0 : OP_1 + version - 1;
            return Bytes.wrap(new byte[] {(byte) opcode, (byte) program.length()}).plus(program);
        }

        @Override
        public String encode(AddressPrefixes prefixes) {
            return AddressText.ofProgram(prefixes.hrp(), version, program);
        }
    }

    /// Largest witness version.
    int VERSION_MAX = 16;

    /// Length of a hash of a public key or script in bytes.
    int HASH_BYTES = 20;

    /// The opcode that pushes the number 1.
    int OP_1 = 0x51;

    /// DUP HASH160 and the push of 20 bytes.
    Bytes P2PKH_HEAD = Bytes.parse("76a914");

    /// EQUALVERIFY CHECKSIG.
    Bytes P2PKH_TAIL = Bytes.parse("88ac");

    /// HASH160 and the push of 20 bytes.
    Bytes P2SH_HEAD = Bytes.parse("a914");

    /// EQUAL.
    Bytes P2SH_TAIL = Bytes.parse("87");

    /// The script of an output that pays here.
    Bytes scriptPubKey();

    /// The text on a network.
    String encode(AddressPrefixes prefixes);

    /// The address that a text is on a network.
    ///
    /// @throws AddressFault if it is none; with Bitcoin Core's sentence and the places of wrong characters
    static Address parse(String text, AddressPrefixes prefixes) {
        // Positions count bytes, so each byte becomes one character.
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return AddressText.parse(new String(bytes, StandardCharsets.ISO_8859_1), prefixes);
    }

    /// The address of an output's script.
    ///
    /// @return empty if the script has none: bare keys and multisig, data, everything unknown
    static Optional<Address> of(Bytes scriptPubKey) {
        int length = scriptPubKey.length();
        if (length == 25
                && scriptPubKey.startsWith(P2PKH_HEAD)
                && scriptPubKey.from(23).equals(P2PKH_TAIL)) {
            return Optional.of(new P2pkh(scriptPubKey.slice(3, HASH_BYTES)));
        }
        if (length == 23
                && scriptPubKey.startsWith(P2SH_HEAD)
                && scriptPubKey.from(22).equals(P2SH_TAIL)) {
            return Optional.of(new P2sh(scriptPubKey.slice(2, HASH_BYTES)));
        }
        if (length < 4 || scriptPubKey.at(1) != length - 2) {
            return Optional.empty();
        }
        int opcode = scriptPubKey.at(0);
        int version = opcode == 0 ? 0 : opcode - OP_1 + 1;
        boolean isOpcode = opcode == 0 || opcode >= OP_1;
        return isOpcode && WitnessProgram.isAddress(version, length - 2)
                ? Optional.of(new WitnessProgram(version, scriptPubKey.from(2)))
                : Optional.empty();
    }
}
