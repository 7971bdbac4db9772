package weft.app.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import weft.app.compare.Lock.Item;
import weft.app.compare.Lock.Place;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.Taproot;
import weft.primitives.Bytes;

/// Makes locks of every kind.
final class Locks {
    /// Forms that wallets use.
    enum Kind {
        P2PK,
        P2PKH,
        P2PKH_UNCOMPRESSED,
        MULTISIG,
        P2SH_MULTISIG,
        P2WPKH,
        P2SH_P2WPKH,
        P2WSH_MULTISIG,
        P2SH_P2WSH_MULTISIG,
        P2TR_KEY,
        P2TR_SCRIPT,
        P2TR_MULTISIG
    }

    private static final int ANCHOR_BYTES = 0x4e73;

    private final Keys keys;
    private final SplittableRandom random;

    Locks(Keys keys, SplittableRandom random) {
        this.keys = keys;
        this.random = random;
    }

    private int anyKey() {
        return random.nextInt(keys.size());
    }

    /// A form that wallets use.
    Lock usual() {
        Kind[] kinds = Kind.values();
        return of(kinds[random.nextInt(kinds.length)]);
    }

    /// With an own key.
    Lock of(Kind kind) {
        int key = anyKey();
        String name = kind.name();
        return switch (kind) {
            case P2PK -> Lock.of(name, Place.BARE, checkSig(keys.compressed(key)), signed(key));
            case P2PKH -> keyHash(name, Place.BARE, key, true);
            case P2PKH_UNCOMPRESSED -> keyHash(name, Place.BARE, key, false);
            case MULTISIG -> multisig(name, Place.BARE, key);
            case P2SH_MULTISIG -> multisig(name, Place.P2SH, key);
            case P2WPKH -> keyHash(name, Place.P2WPKH, key, true);
            case P2SH_P2WPKH -> keyHash(name, Place.P2SH_P2WPKH, key, true);
            case P2WSH_MULTISIG -> multisig(name, Place.P2WSH, key);
            case P2SH_P2WSH_MULTISIG -> multisig(name, Place.P2SH_P2WSH, key);
            case P2TR_KEY ->
                    Lock.of(name, Place.TAPROOT_KEY, Bytes.EMPTY, signed(key))
                            .in(Place.TAPROOT_KEY, key, Taproot.LEAF_TAPSCRIPT);
            case P2TR_SCRIPT -> tapscript(name, checkSig(keys.xOnly(key)), signed(key));
            case P2TR_MULTISIG -> addedUp(name, key);
        };
    }

    private static Bytes checkSig(Bytes key) {
        return new ScriptBuilder().push(key).op(Opcode.OP_CHECKSIG).build();
    }

    private static List<Item> signed(int key) {
        return List.of(Item.signature(key));
    }

    /// By the hash of a key; witnesses want it compressed, which policy looks at.
    Lock keyHash(String name, Place place, int key, boolean compressed) {
        Bytes publicKey = keys.publicKey(key, compressed);
        return Lock.of(
                name,
                place,
                Lock.keyHashScript(publicKey),
                List.of(Item.signature(key), Item.of(publicKey)));
    }

    private Lock multisig(String name, Place place, int key) {
        var script = new ScriptBuilder().number(2);
        for (int i = 0; i < 3; i++) {
            script.push(keys.compressed(key + i));
        }
        int absent = random.nextInt(3);
        var opening = new ArrayList<>(List.of(Item.of(Bytes.EMPTY)));
        for (int i = 0; i < 3; i++) {
            if (i != absent) {
                opening.add(Item.signature(key + i));
            }
        }
        return Lock.of(name, place, script.number(3).op(Opcode.OP_CHECKMULTISIG).build(), opening);
    }

    /// In a leaf of taproot.
    Lock tapscript(String name, Bytes script, List<Item> opening) {
        return leaf(name, script, opening, Taproot.LEAF_TAPSCRIPT);
    }

    Lock leaf(String name, Bytes script, List<Item> opening, int version) {
        return new Lock(name, Place.TAPSCRIPT, script, List.copyOf(opening), anyKey(), version);
    }

    private Lock addedUp(String name, int key) {
        Bytes script =
                new ScriptBuilder()
                        .push(keys.xOnly(key))
                        .op(Opcode.OP_CHECKSIG)
                        .push(keys.xOnly(key + 1))
                        .op(Opcode.OP_CHECKSIGADD)
                        .number(2)
                        .op(Opcode.OP_NUMEQUAL)
                        .build();
        return tapscript(name, script, List.of(Item.signature(key + 1), Item.signature(key)));
    }

    /// Pay to anchor.
    static Lock anchor() {
        return program(
                "anchor", 1, Bytes.wrap(new byte[] {ANCHOR_BYTES >> 8, ANCHOR_BYTES & 0xff}));
    }

    /// A witness program, whatever it means.
    static Lock program(String name, int version, Bytes program) {
        Bytes script = new ScriptBuilder().number(version).push(program).build();
        return Lock.of(name, Place.PROGRAM, script, List.of());
    }
}
