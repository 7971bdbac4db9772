package weft.app.compare;

import java.util.List;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.Taproot;
import weft.crypto.Hash160;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.address.Address;

/// What an output is locked with, and what opens it.
///
/// @param name for tables of differences
/// @param place where the script stands
/// @param script that runs; for a key of taproot nothing, for another program the program
/// @param opening what the script wants, the deepest first
/// @param key the inner one of taproot
/// @param leafVersion of taproot
record Lock(String name, Place place, Bytes script, List<Item> opening, int key, int leafVersion) {
    /// Where a script stands.
    enum Place {
        /// In the output.
        BARE,
        P2SH,
        P2WPKH,
        P2SH_P2WPKH,
        P2WSH,
        P2SH_P2WSH,
        TAPROOT_KEY,
        TAPSCRIPT,
        /// The output is a witness program that nobody has a meaning for, or an anchor.
        PROGRAM;

        boolean isTaproot() {
            return this == TAPROOT_KEY || this == TAPSCRIPT;
        }

        boolean hasWitness() {
            return this != BARE && this != P2SH;
        }
    }

    /// Something that a script wants: bytes, or the signature of a key.
    ///
    /// @param signer a key; −1 for bytes
    record Item(Bytes data, int signer) {
        static Item of(Bytes data) {
            return new Item(data, -1);
        }

        static Item signature(int key) {
            return new Item(Bytes.EMPTY, key);
        }
    }

    static Lock of(String name, Place place, Bytes script, List<Item> opening) {
        return new Lock(name, place, script, List.copyOf(opening), 0, Taproot.LEAF_TAPSCRIPT);
    }

    Lock in(Place other, int innerKey, int version) {
        return new Lock(name, other, script, opening, innerKey, version);
    }

    byte[] leafHash() {
        return Taproot.leafHash(leafVersion, script);
    }

    /// What a script of P2SH stands for.
    Bytes redeemScript() {
        return switch (place) {
            case P2SH_P2WPKH -> keyHashProgram();
            case P2SH_P2WSH -> scriptHashProgram();
            default -> script;
        };
    }

    private Bytes keyHashProgram() {
        // The script is that of P2PKH, with the hash behind three bytes.
        return new Address.WitnessProgram(0, script.slice(3, 20)).scriptPubKey();
    }

    private Bytes scriptHashProgram() {
        byte[] hash = Sha256.hash(script.toByteArray());
        return new Address.WitnessProgram(0, Bytes.wrap(hash)).scriptPubKey();
    }

    /// The script of the output.
    Bytes scriptPubKey(Keys keys) {
        return switch (place) {
            case BARE, PROGRAM -> script;
            case P2WPKH -> keyHashProgram();
            case P2WSH -> scriptHashProgram();
            case P2SH, P2SH_P2WPKH, P2SH_P2WSH ->
                    new Address.P2sh(Bytes.wrap(Hash160.hash(redeemScript().toByteArray())))
                            .scriptPubKey();
            case TAPROOT_KEY -> taproot(keys, new byte[0]);
            case TAPSCRIPT -> taproot(keys, leafHash());
        };
    }

    private Bytes taproot(Keys keys, byte[] root) {
        Bytes output = keys.outputKey(key, root).slice(1, 32);
        return new Address.WitnessProgram(1, output).scriptPubKey();
    }

    /// The control block of the only leaf.
    Bytes control(Keys keys) {
        int parity = keys.outputKey(key, leafHash()).at(0) & 1;
        return Bytes.wrap(new byte[] {(byte) (leafVersion | parity)}).plus(keys.xOnly(key));
    }

    static Bytes keyHashScript(Bytes publicKey) {
        return new ScriptBuilder()
                .op(Opcode.OP_DUP)
                .op(Opcode.OP_HASH160)
                .push(Hash160.hash(publicKey.toByteArray()))
                .op(Opcode.OP_EQUALVERIFY)
                .op(Opcode.OP_CHECKSIG)
                .build();
    }
}
