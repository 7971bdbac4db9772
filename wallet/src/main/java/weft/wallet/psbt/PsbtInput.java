package weft.wallet.psbt;

import java.util.HashSet;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.wallet.sign.InputSignatures;
import weft.wallet.sign.InputSignatures.HashKind;
import weft.wallet.sign.InputSignatures.LeafKey;
import weft.wallet.sign.InputSignatures.Preimage;
import weft.wallet.sign.InputSignatures.Signed;
import weft.wallet.sign.InputSignatures.TaprootKey;
import weft.wallet.sign.KeyOrigin;
import weft.wallet.sign.SigningProvider;
import weft.wallet.sign.TaprootSpend;

/// What a PSBT knows of one input. See BIP-0174 and BIP-0371. Not safe for use by two threads.
public final class PsbtInput {
    private static final int SIGNATURE_BYTES = 64;

    @Nullable Transaction previous;
    @Nullable TxOut spent;
    Bytes redeemScript = Bytes.EMPTY;
    Bytes witnessScript = Bytes.EMPTY;
    Bytes finalScriptSig = Bytes.EMPTY;
    Witness finalWitness = Witness.EMPTY;
    OptionalInt hashType = OptionalInt.empty();
    final NavigableMap<Bytes, KeyOrigin> origins = new TreeMap<>();
    final NavigableMap<Bytes, Signed> signatures = new TreeMap<>();
    final NavigableMap<Preimage, Bytes> preimages = new TreeMap<>();
    Bytes keyPathSignature = Bytes.EMPTY;
    final NavigableMap<LeafKey, Bytes> scriptPathSignatures = new TreeMap<>();
    final TaprootSpend taproot = new TaprootSpend();
    final NavigableMap<Bytes, TaprootKey> taprootKeys = new TreeMap<>();
    final PsbtExtras extras = new PsbtExtras();

    /// Knows nothing.
    PsbtInput() {}

    /// The transaction that made the coin; null if it is not there.
    public @Nullable Transaction previous() {
        return previous;
    }

    /// Sets the transaction that made the coin, or removes it.
    public void previous(@Nullable Transaction tx) {
        previous = tx;
    }

    /// The output spent, for inputs that sign in the witness; null if it is not there.
    public @Nullable TxOut spent() {
        return spent;
    }

    /// Sets the output spent.
    public void spent(TxOut out) {
        spent = out;
    }

    /// The script behind a P2SH output; empty if it is not there.
    public Bytes redeemScript() {
        return redeemScript;
    }

    /// The script behind a P2WSH output; empty if it is not there.
    public Bytes witnessScript() {
        return witnessScript;
    }

    /// The finished scriptSig; empty if it is not there.
    public Bytes finalScriptSig() {
        return finalScriptSig;
    }

    /// The finished witness; empty if it is not there.
    public Witness finalWitness() {
        return finalWitness;
    }

    /// The hash type that signers shall use, if one is asked for.
    public OptionalInt hashType() {
        return hashType;
    }

    /// Keys and where they come from.
    public NavigableMap<Bytes, KeyOrigin> origins() {
        return origins;
    }

    /// Signatures by the hash of their key.
    public NavigableMap<Bytes, Signed> signatures() {
        return signatures;
    }

    /// Preimages that scripts ask for.
    public NavigableMap<Preimage, Bytes> preimages() {
        return preimages;
    }

    /// The signature of a taproot output's key; empty if it is not there.
    public Bytes keyPathSignature() {
        return keyPathSignature;
    }

    /// Signatures in tapscripts.
    public NavigableMap<LeafKey, Bytes> scriptPathSignatures() {
        return scriptPathSignatures;
    }

    /// What is known of a taproot output.
    public TaprootSpend taproot() {
        return taproot;
    }

    /// X-only keys and where they come from.
    public NavigableMap<Bytes, TaprootKey> taprootKeys() {
        return taprootKeys;
    }

    /// What nobody here understands.
    public PsbtExtras extras() {
        return extras;
    }

    /// Whether a finished script is there.
    public boolean isSigned() {
        return !finalScriptSig.isEmpty() || !finalWitness.isEmpty();
    }

    static PsbtInput read(ByteReader in) {
        var input = new PsbtInput();
        Set<Bytes> seen = new HashSet<>();
        for (PsbtMap.Field field = PsbtMap.next(in, "an input map");
                field != null;
                field = PsbtMap.next(in, "an input map")) {
            input.read(field, in, seen);
        }
        return input;
    }

    private void read(PsbtMap.Field field, ByteReader in, Set<Bytes> seen) {
        switch (field.type()) {
            case 0x00 -> {
                bare(field, seen, "input non-witness utxo", "Non-witness utxo key");
                previous = PsbtMap.value(in, Transaction::read);
            }
            case 0x01 -> {
                bare(field, seen, "input witness utxo", "Witness utxo key");
                spent = PsbtMap.value(in, TxOut::read);
            }
            case 0x02 -> {
                Bytes key = field.publicKey("partial signature pubkey");
                Bytes id = SigningProvider.id(key);
                PsbtMap.unique(
                        !signatures.containsKey(id),
                        "input partial signature for pubkey already provided");
                signatures.put(id, new Signed(key, in.varBytes()));
            }
            case 0x03 -> {
                bare(field, seen, "input sighash type", "Sighash type key");
                hashType = OptionalInt.of(PsbtMap.value(in, ByteReader::i32));
            }
            case 0x04 -> {
                bare(field, seen, "input redeemScript", "Input redeemScript key");
                redeemScript = in.varBytes();
            }
            case 0x05 -> {
                bare(field, seen, "input witnessScript", "Input witnessScript key");
                witnessScript = in.varBytes();
            }
            case 0x06 -> {
                Bytes key = field.publicKey("BIP32 keypath");
                PsbtMap.unique(
                        !origins.containsKey(key), "pubkey derivation path already provided");
                origins.put(key, PsbtMap.origin(in));
            }
            case 0x07 -> {
                bare(field, seen, "input final scriptSig", "Final scriptSig key");
                finalScriptSig = in.varBytes();
            }
            case 0x08 -> {
                bare(field, seen, "input final scriptWitness", "Final scriptWitness key");
                finalWitness = PsbtMap.value(in, Witness::read);
            }
            case 0x0a -> preimage(field, HashKind.RIPEMD160, 20, in);
            case 0x0b -> preimage(field, HashKind.SHA256, 32, in);
            case 0x0c -> preimage(field, HashKind.HASH160, 20, in);
            case 0x0d -> preimage(field, HashKind.HASH256, 32, in);
            default -> readTaproot(field, in, seen);
        }
    }

    private static void bare(PsbtMap.Field field, Set<Bytes> seen, String what, String name) {
        PsbtMap.unique(seen.add(field.key()), what + " already provided");
        field.mustBeBare(name);
    }

    private static void sized(
            PsbtMap.Field field, Set<Bytes> seen, String what, boolean fits, String otherwise) {
        PsbtMap.unique(seen.add(field.key()), what + " already provided");
        if (!fits) {
            throw new MalformedBytes(otherwise);
        }
    }

    private void preimage(PsbtMap.Field field, HashKind kind, int length, ByteReader in) {
        String name = kind.name().toLowerCase(Locale.ROOT);
        if (field.key().length() != length + 1) {
            throw new MalformedBytes(
                    "Size of key was not the expected size for the type " + name + " preimage");
        }
        var asked = new Preimage(kind, field.rest());
        PsbtMap.unique(
                !preimages.containsKey(asked), "input " + name + " preimage already provided");
        preimages.put(asked, in.varBytes());
    }

    private static Bytes signature(ByteReader in, String path) {
        Bytes signature = in.varBytes();
        if (signature.length() < SIGNATURE_BYTES) {
            throw new MalformedBytes(
                    "Input Taproot " + path + " path signature is shorter than 64 bytes");
        }
        if (signature.length() > SIGNATURE_BYTES + 1) {
            throw new MalformedBytes(
                    "Input Taproot " + path + " path signature is longer than 65 bytes");
        }
        return signature;
    }

    private void readTaproot(PsbtMap.Field field, ByteReader in, Set<Bytes> seen) {
        int length = field.key().length();
        switch (field.type()) {
            case 0x13 -> {
                bare(field, seen, "input Taproot key signature", "Input Taproot key signature key");
                keyPathSignature = signature(in, "key");
            }
            case 0x14 -> {
                sized(
                        field,
                        seen,
                        "input Taproot script signature",
                        length == 65,
                        "Input Taproot script signature key is not 65 bytes");
                var place = new LeafKey(field.key().slice(1, 32), field.key().from(33));
                scriptPathSignatures.put(place, signature(in, "script"));
            }
            case 0x15 -> {
                sized(
                        field,
                        seen,
                        "input Taproot leaf script",
                        length >= 34,
                        "Taproot leaf script key is not at least 34 bytes");
                if ((length - 2) % 32 != 0) {
                    throw new MalformedBytes(
                            "Input Taproot leaf script key's control block size is not valid");
                }
                Bytes value = in.varBytes();
                if (value.isEmpty()) {
                    throw new MalformedBytes("Input Taproot leaf script must be at least 1 byte");
                }
                int last = value.length() - 1;
                taproot.add(
                        new TaprootSpend.Leaf(value.slice(0, last), value.at(last)), field.rest());
            }
            case 0x16 -> {
                sized(
                        field,
                        seen,
                        "input Taproot BIP32 keypath",
                        length == 33,
                        "Input Taproot BIP32 keypath key is not at 33 bytes");
                taprootKeys.put(field.rest(), PsbtMap.taprootKey(in, "Input"));
            }
            case 0x17 -> {
                bare(field, seen, "input Taproot internal key", "Input Taproot internal key key");
                taproot.internalKey(PsbtMap.value(in, each -> each.slice(32)));
            }
            case 0x18 -> {
                bare(field, seen, "input Taproot merkle root", "Input Taproot merkle root key");
                taproot.merkleRoot(PsbtMap.value(in, each -> each.slice(32)));
            }
            default -> extras.read(field, in);
        }
    }

    void write(ByteWriter out) {
        Transaction tx = previous;
        if (tx != null) {
            var bare = new ByteWriter();
            tx.write(bare, Transaction.Encoding.LEGACY);
            PsbtMap.write(out, 0x00, Bytes.EMPTY, bare.toBytes());
        }
        TxOut output = spent;
        if (output != null) {
            var value = new ByteWriter();
            output.write(value);
            PsbtMap.write(out, 0x01, Bytes.EMPTY, value.toBytes());
        }
        if (!isSigned()) {
            writeUnsigned(out);
        }
        PsbtMap.writeUnlessEmpty(out, 0x07, finalScriptSig);
        if (!finalWitness.isEmpty()) {
            var value = new ByteWriter();
            finalWitness.write(value);
            PsbtMap.write(out, 0x08, Bytes.EMPTY, value.toBytes());
        }
        extras.writeProprietary(out);
        extras.writeUnknown(out);
        out.u8(0);
    }

    private void writeUnsigned(ByteWriter out) {
        signatures
                .values()
                .forEach(each -> PsbtMap.write(out, 0x02, each.publicKey(), each.signature()));
        hashType.ifPresent(
                type ->
                        PsbtMap.write(
                                out, 0x03, Bytes.EMPTY, new ByteWriter(4).i32(type).toBytes()));
        PsbtMap.writeUnlessEmpty(out, 0x04, redeemScript);
        PsbtMap.writeUnlessEmpty(out, 0x05, witnessScript);
        origins.forEach(
                (key, origin) -> PsbtMap.write(out, 0x06, key, PsbtMap.originBytes(origin)));
        preimages.forEach(
                (asked, value) ->
                        PsbtMap.write(out, 0x0a + asked.kind().ordinal(), asked.hash(), value));
        PsbtMap.writeUnlessEmpty(out, 0x13, keyPathSignature);
        scriptPathSignatures.forEach(
                (place, value) ->
                        PsbtMap.write(out, 0x14, place.xOnly().plus(place.leafHash()), value));
        taproot.leaves()
                .forEach(
                        (leaf, blocks) -> {
                            Bytes version = Bytes.wrap(new byte[] {(byte) leaf.version()});
                            blocks.forEach(
                                    block ->
                                            PsbtMap.write(
                                                    out, 0x15, block, leaf.script().plus(version)));
                        });
        taprootKeys.forEach(
                (key, value) -> PsbtMap.write(out, 0x16, key, PsbtMap.taprootKeyBytes(value)));
        PsbtMap.writeUnlessEmpty(out, 0x17, taproot.internalKey());
        PsbtMap.writeUnlessEmpty(out, 0x18, taproot.merkleRoot());
    }

    /// What is known, for a signer.
    InputSignatures toSignatures() {
        var found = new InputSignatures();
        if (isSigned()) {
            found.complete(finalScriptSig, finalWitness);
            return found;
        }
        found.signatures().putAll(signatures);
        found.redeemScript(redeemScript);
        found.witnessScript(witnessScript);
        origins.forEach(
                (key, origin) ->
                        found.knownKeys()
                                .put(
                                        SigningProvider.id(key),
                                        new InputSignatures.Known(key, origin)));
        found.keyPathSignature(keyPathSignature);
        found.scriptPathSignatures().putAll(scriptPathSignatures);
        found.taproot().merge(taproot);
        taprootKeys.forEach(
                (key, value) ->
                        found.taprootKeys()
                                .put(key, new TaprootKey(value.leafHashes(), value.origin())));
        found.preimages().putAll(preimages);
        return found;
    }

    /// Takes over what a signer made.
    void take(InputSignatures made) {
        if (made.isComplete()) {
            signatures.clear();
            origins.clear();
            redeemScript = Bytes.EMPTY;
            witnessScript = Bytes.EMPTY;
            if (!made.scriptSig().isEmpty()) {
                finalScriptSig = made.scriptSig();
            }
            if (!made.witness().isEmpty()) {
                finalWitness = made.witness();
            }
            return;
        }
        made.signatures().forEach(signatures::putIfAbsent);
        if (redeemScript.isEmpty()) {
            redeemScript = made.redeemScript();
        }
        if (witnessScript.isEmpty()) {
            witnessScript = made.witnessScript();
        }
        made.knownKeys()
                .values()
                .forEach(each -> origins.putIfAbsent(each.publicKey(), each.origin()));
        if (!made.keyPathSignature().isEmpty()) {
            keyPathSignature = made.keyPathSignature();
        }
        made.scriptPathSignatures().forEach(scriptPathSignatures::putIfAbsent);
        if (!made.taproot().internalKey().isEmpty()) {
            taproot.internalKey(made.taproot().internalKey());
        }
        if (!made.taproot().merkleRoot().isEmpty()) {
            taproot.merkleRoot(made.taproot().merkleRoot());
        }
        made.taproot()
                .leaves()
                .forEach(
                        (leaf, blocks) -> {
                            if (!taproot.leaves().containsKey(leaf)) {
                                blocks.forEach(block -> taproot.add(leaf, block));
                            }
                        });
        made.taprootKeys().forEach(taprootKeys::putIfAbsent);
    }

    void merge(PsbtInput other) {
        previous = previous == null ? other.previous : previous;
        spent = spent == null ? other.spent : spent;
        other.signatures.forEach(signatures::putIfAbsent);
        other.preimages.forEach(preimages::putIfAbsent);
        other.origins.forEach(origins::putIfAbsent);
        extras.merge(other.extras);
        other.scriptPathSignatures.forEach(scriptPathSignatures::putIfAbsent);
        other.taprootKeys.forEach(taprootKeys::putIfAbsent);
        redeemScript = redeemScript.isEmpty() ? other.redeemScript : redeemScript;
        witnessScript = witnessScript.isEmpty() ? other.witnessScript : witnessScript;
        finalScriptSig = finalScriptSig.isEmpty() ? other.finalScriptSig : finalScriptSig;
        finalWitness = finalWitness.isEmpty() ? other.finalWitness : finalWitness;
        keyPathSignature = keyPathSignature.isEmpty() ? other.keyPathSignature : keyPathSignature;
        taproot.merge(other.taproot);
    }

    /// The same without signatures and finished scripts.
    PsbtInput unsigned() {
        var copy = new PsbtInput();
        copy.merge(this);
        copy.extras.mergeAll(extras);
        copy.hashType = hashType;
        copy.signatures.clear();
        copy.finalScriptSig = Bytes.EMPTY;
        copy.finalWitness = Witness.EMPTY;
        return copy;
    }
}
