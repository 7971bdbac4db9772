package weft.wallet.psbt;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import weft.consensus.script.Taproot;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.wallet.sign.InputSignatures;
import weft.wallet.sign.InputSignatures.TaprootKey;
import weft.wallet.sign.KeyOrigin;
import weft.wallet.sign.SigningProvider;
import weft.wallet.sign.TaprootTree;

/// What a PSBT knows of one output. See BIP-0174 and BIP-0371. Not safe for use by two threads.
public final class PsbtOutput {
    private static final String MAP = "an output map";

    Bytes redeemScript = Bytes.EMPTY;
    Bytes witnessScript = Bytes.EMPTY;
    final NavigableMap<Bytes, KeyOrigin> origins = new TreeMap<>();
    Bytes internalKey = Bytes.EMPTY;
    List<TaprootTree.Leaf> tree = List.of();
    final NavigableMap<Bytes, TaprootKey> taprootKeys = new TreeMap<>();
    final PsbtExtras extras = new PsbtExtras();

    /// Knows nothing.
    PsbtOutput() {}

    /// The script behind a P2SH output; empty if it is not there.
    public Bytes redeemScript() {
        return redeemScript;
    }

    /// The script behind a P2WSH output; empty if it is not there.
    public Bytes witnessScript() {
        return witnessScript;
    }

    /// Keys and where they come from.
    public NavigableMap<Bytes, KeyOrigin> origins() {
        return origins;
    }

    /// The key inside a taproot output; empty if it is not there.
    public Bytes internalKey() {
        return internalKey;
    }

    /// The leaves of a taproot output, depth first, from left to right; empty if they are not there.
    public List<TaprootTree.Leaf> tree() {
        return tree;
    }

    /// X-only keys and where they come from.
    public NavigableMap<Bytes, TaprootKey> taprootKeys() {
        return taprootKeys;
    }

    /// What nobody here understands.
    public PsbtExtras extras() {
        return extras;
    }

    static PsbtOutput read(ByteReader in) {
        var output = new PsbtOutput();
        Set<Bytes> seen = new HashSet<>();
        for (PsbtMap.Field field = PsbtMap.next(in, MAP);
                field != null;
                field = PsbtMap.next(in, MAP)) {
            output.read(field, in, seen);
        }
        return output;
    }

    private static void bare(PsbtMap.Field field, Set<Bytes> seen, String what, String name) {
        PsbtMap.unique(seen.add(field.key()), what + " already provided");
        field.mustBeBare(name);
    }

    private void read(PsbtMap.Field field, ByteReader in, Set<Bytes> seen) {
        switch (field.type()) {
            case 0x00 -> {
                bare(field, seen, "output redeemScript", "Output redeemScript key");
                redeemScript = in.varBytes();
            }
            case 0x01 -> {
                bare(field, seen, "output witnessScript", "Output witnessScript key");
                witnessScript = in.varBytes();
            }
            case 0x02 -> {
                Bytes key = field.publicKey("BIP32 keypath");
                PsbtMap.unique(
                        !origins.containsKey(key), "pubkey derivation path already provided");
                origins.put(key, PsbtMap.origin(in));
            }
            case 0x05 -> {
                bare(field, seen, "output Taproot internal key", "Output Taproot internal key key");
                internalKey = PsbtMap.value(in, each -> each.slice(32));
            }
            case 0x06 -> {
                bare(field, seen, "output Taproot tree", "Output Taproot tree key");
                tree = readTree(in.varBytes());
            }
            case 0x07 -> {
                PsbtMap.unique(
                        seen.add(field.key()), "output Taproot BIP32 keypath already provided");
                if (field.key().length() != 33) {
                    throw new MalformedBytes("Output Taproot BIP32 keypath key is not at 33 bytes");
                }
                taprootKeys.put(field.rest(), PsbtMap.taprootKey(in, "Output"));
            }
            default -> extras.read(field, in);
        }
    }

    private static List<TaprootTree.Leaf> readTree(Bytes value) {
        if (value.isEmpty()) {
            throw new MalformedBytes("Output Taproot tree must not be empty");
        }
        var leaves = new ArrayList<TaprootTree.Leaf>();
        ByteReader in = PsbtMap.reader(value);
        while (!in.isAtEnd()) {
            int depth = in.u8();
            int version = in.u8();
            Bytes script = in.varBytes();
            if (depth > TaprootTree.DEPTH_MAX) {
                throw new MalformedBytes(
                        "Output Taproot tree has as leaf greater than Taproot maximum depth");
            }
            if ((version & ~Taproot.LEAF_MASK) != 0) {
                throw new MalformedBytes(
                        "Output Taproot tree has a leaf with an invalid leaf version");
            }
            leaves.add(new TaprootTree.Leaf(depth, version, script));
        }
        if (!TaprootTree.isComplete(leaves)) {
            throw new MalformedBytes("Output Taproot tree is malformed");
        }
        return List.copyOf(leaves);
    }

    void write(ByteWriter out) {
        PsbtMap.writeUnlessEmpty(out, 0x00, redeemScript);
        PsbtMap.writeUnlessEmpty(out, 0x01, witnessScript);
        origins.forEach(
                (key, origin) -> PsbtMap.write(out, 0x02, key, PsbtMap.originBytes(origin)));
        extras.writeProprietary(out);
        PsbtMap.writeUnlessEmpty(out, 0x05, internalKey);
        var leaves = new ByteWriter();
        for (TaprootTree.Leaf leaf : tree) {
            leaves.u8(leaf.depth()).u8(leaf.version()).varBytes(leaf.script());
        }
        PsbtMap.writeUnlessEmpty(out, 0x06, leaves.toBytes());
        taprootKeys.forEach(
                (key, value) -> PsbtMap.write(out, 0x07, key, PsbtMap.taprootKeyBytes(value)));
        extras.writeUnknown(out);
        out.u8(0);
    }

    /// What is known, for a signer.
    InputSignatures toSignatures() {
        var found = new InputSignatures();
        found.redeemScript(redeemScript);
        found.witnessScript(witnessScript);
        origins.forEach(
                (key, origin) ->
                        found.knownKeys()
                                .put(
                                        SigningProvider.id(key),
                                        new InputSignatures.Known(key, origin)));
        if (!tree.isEmpty() && Secp256k1.get().isValidXOnly(internalKey.toByteArray())) {
            found.taproot().merge(TaprootTree.of(internalKey, tree).spend());
        }
        taprootKeys.forEach(
                (key, value) ->
                        found.taprootKeys()
                                .put(key, new TaprootKey(value.leafHashes(), value.origin())));
        return found;
    }

    /// Takes over what a signer found.
    void take(InputSignatures made) {
        if (redeemScript.isEmpty()) {
            redeemScript = made.redeemScript();
        }
        if (witnessScript.isEmpty()) {
            witnessScript = made.witnessScript();
        }
        made.knownKeys()
                .values()
                .forEach(each -> origins.putIfAbsent(each.publicKey(), each.origin()));
        if (!made.taproot().internalKey().isEmpty()) {
            internalKey = made.taproot().internalKey();
        }
        TaprootTree whole = made.tree();
        if (whole != null && !whole.leaves().isEmpty()) {
            tree = whole.leaves();
        }
        made.taprootKeys().forEach(taprootKeys::putIfAbsent);
    }

    void merge(PsbtOutput other) {
        other.origins.forEach(origins::putIfAbsent);
        extras.merge(other.extras);
        other.taprootKeys.forEach(taprootKeys::putIfAbsent);
        redeemScript = redeemScript.isEmpty() ? other.redeemScript : redeemScript;
        witnessScript = witnessScript.isEmpty() ? other.witnessScript : witnessScript;
        internalKey = internalKey.isEmpty() ? other.internalKey : internalKey;
        tree = tree.isEmpty() ? other.tree : tree;
    }

    PsbtOutput copy() {
        var copy = new PsbtOutput();
        copy.merge(this);
        copy.extras.mergeAll(extras);
        return copy;
    }
}
