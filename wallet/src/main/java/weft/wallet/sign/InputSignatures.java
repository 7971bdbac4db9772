package weft.wallet.sign;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.primitives.Witness;

/// How far the signing of one input is: what was found, what was signed, what is missing. Filled by
/// [InputSigner]. Not safe for use by two threads.
public final class InputSignatures {
    boolean complete;
    boolean isWitness;
    Bytes scriptSig = Bytes.EMPTY;
    Witness witness = Witness.EMPTY;
    Bytes redeemScript = Bytes.EMPTY;
    Bytes witnessScript = Bytes.EMPTY;
    final NavigableMap<Bytes, Signed> signatures = new TreeMap<>();
    final NavigableMap<Bytes, Known> knownKeys = new TreeMap<>();
    TaprootSpend taproot = new TaprootSpend();
    @Nullable TaprootTree tree;
    Bytes keyPathSignature = Bytes.EMPTY;
    final NavigableMap<LeafKey, Bytes> scriptPathSignatures = new TreeMap<>();
    final NavigableMap<Bytes, TaprootKey> taprootKeys = new TreeMap<>();
    final NavigableMap<Preimage, Bytes> preimages = new TreeMap<>();
    final List<Bytes> missingPublicKeys = new ArrayList<>();
    final List<Bytes> missingSignatures = new ArrayList<>();
    @Nullable Bytes missingRedeemScript;
    @Nullable Bytes missingWitnessScript;

    /// Nothing is known and nothing signed.
    public InputSignatures() {}

    /// A signature with the key that made it.
    ///
    /// @param signature DER and a byte for its type
    public record Signed(Bytes publicKey, Bytes signature) {}

    /// A public key and where it comes from.
    public record Known(Bytes publicKey, KeyOrigin origin) {}

    /// A key of a tapscript.
    ///
    /// @param xOnly 32 bytes
    /// @param leafHash 32 bytes
    public record LeafKey(Bytes xOnly, Bytes leafHash) implements Comparable<LeafKey> {
        @Override
        public int compareTo(LeafKey other) {
            int order = xOnly.compareTo(other.xOnly);
            return order == 0 ? leafHash.compareTo(other.leafHash) : order;
        }
    }

    /// Where an x-only key comes from, and the leaves that it signs in.
    public record TaprootKey(NavigableSet<Bytes> leafHashes, KeyOrigin origin) {
        /// Copies the set.
        public TaprootKey {
            leafHashes = new TreeSet<>(leafHashes);
        }
    }

    /// What a preimage is asked for.
    public record Preimage(HashKind kind, Bytes hash) implements Comparable<Preimage> {
        @Override
        public int compareTo(Preimage other) {
            int order = kind.compareTo(other.kind);
            return order == 0 ? hash.compareTo(other.hash) : order;
        }
    }

    /// The hashes of scripts that ask for what was hashed.
    public enum HashKind {
        /// RIPEMD-160, 20 bytes.
        RIPEMD160,
        /// SHA-256, 32 bytes.
        SHA256,
        /// RIPEMD-160 of SHA-256, 20 bytes.
        HASH160,
        /// SHA-256 twice, 32 bytes.
        HASH256
    }

    /// Whether nothing is missing.
    public boolean isComplete() {
        return complete;
    }

    /// Sets that nothing is missing, with the finished scripts.
    public void complete(Bytes finalScriptSig, Witness finalWitness) {
        complete = true;
        scriptSig = finalScriptSig;
        witness = finalWitness;
    }

    /// Takes back that nothing is missing: what was found is then told part by part.
    public void reopen() {
        complete = false;
    }

    /// Whether signatures go into the witness.
    public boolean isWitness() {
        return isWitness;
    }

    /// The unlocking script as far as it is.
    public Bytes scriptSig() {
        return scriptSig;
    }

    /// The witness as far as it is.
    public Witness witness() {
        return witness;
    }

    /// The script behind a P2SH output; empty if it is not known or there is none.
    public Bytes redeemScript() {
        return redeemScript;
    }

    /// Sets the script behind a P2SH output.
    public void redeemScript(Bytes script) {
        redeemScript = script;
    }

    /// The script behind a P2WSH output; empty if it is not known or there is none.
    public Bytes witnessScript() {
        return witnessScript;
    }

    /// Sets the script behind a P2WSH output.
    public void witnessScript(Bytes script) {
        witnessScript = script;
    }

    /// ECDSA signatures by the hash of the key; to be changed.
    public NavigableMap<Bytes, Signed> signatures() {
        return signatures;
    }

    /// Keys and where they come from, by the hash of the key; to be changed.
    public NavigableMap<Bytes, Known> knownKeys() {
        return knownKeys;
    }

    /// What is known of a taproot output; to be changed.
    public TaprootSpend taproot() {
        return taproot;
    }

    /// The whole tree of a taproot output; null if it is not known.
    public @Nullable TaprootTree tree() {
        return tree;
    }

    /// Sets the whole tree of a taproot output.
    public void tree(TaprootTree whole) {
        tree = whole;
    }

    /// The signature of a taproot output's key; empty if there is none.
    public Bytes keyPathSignature() {
        return keyPathSignature;
    }

    /// Sets the signature of a taproot output's key.
    public void keyPathSignature(Bytes signature) {
        keyPathSignature = signature;
    }

    /// Signatures in tapscripts; to be changed.
    public NavigableMap<LeafKey, Bytes> scriptPathSignatures() {
        return scriptPathSignatures;
    }

    /// X-only keys and where they come from; to be changed.
    public NavigableMap<Bytes, TaprootKey> taprootKeys() {
        return taprootKeys;
    }

    /// What scripts ask for beside signatures; to be changed.
    public NavigableMap<Preimage, Bytes> preimages() {
        return preimages;
    }

    /// Hashes of keys that were not found.
    public List<Bytes> missingPublicKeys() {
        return List.copyOf(missingPublicKeys);
    }

    /// Hashes of keys that did not sign.
    public List<Bytes> missingSignatures() {
        return List.copyOf(missingSignatures);
    }

    /// The hash of a P2SH script that was not found.
    public @Nullable Bytes missingRedeemScript() {
        return missingRedeemScript;
    }

    /// The hash of a P2WSH script that was not found.
    public @Nullable Bytes missingWitnessScript() {
        return missingWitnessScript;
    }

    /// Adds what another found and signed; what is complete stays as it is.
    public void merge(InputSignatures other) {
        if (complete) {
            return;
        }
        if (other.complete) {
            complete(other.scriptSig, other.witness);
            isWitness = other.isWitness;
        }
        if (redeemScript.isEmpty()) {
            redeemScript = other.redeemScript;
        }
        if (witnessScript.isEmpty()) {
            witnessScript = other.witnessScript;
        }
        other.signatures.forEach(signatures::putIfAbsent);
    }
}
