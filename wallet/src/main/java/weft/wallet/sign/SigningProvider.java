package weft.wallet.sign;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.crypto.Hash160;
import weft.primitives.Bytes;
import weft.primitives.address.PrivateKey;

/// All that a signer may use: scripts, public and private keys, where keys come from, taproot trees. Keys and
/// scripts are found by their hash of 20 bytes. Not safe for use by two threads.
public final class SigningProvider {
    private static final Bytes EVEN = Bytes.parse("02");
    private static final Bytes ODD = Bytes.parse("03");

    private final NavigableMap<Bytes, Bytes> scripts = new TreeMap<>();
    private final NavigableMap<Bytes, Bytes> publicKeys = new TreeMap<>();
    private final NavigableMap<Bytes, PrivateKey> privateKeys = new TreeMap<>();
    private final NavigableMap<Bytes, KeyOrigin> origins = new TreeMap<>();
    private final NavigableMap<Bytes, TaprootTree> trees = new TreeMap<>();

    /// Knows nothing.
    public SigningProvider() {}

    /// The hash by which a key or script is found.
    public static Bytes id(Bytes keyOrScript) {
        return Bytes.wrap(Hash160.hash(keyOrScript.toByteArray()));
    }

    /// The hashes of both public keys that an x-only key may be of.
    static List<Bytes> idsOfXOnly(Bytes xOnly) {
        return List.of(id(EVEN.plus(xOnly)), id(ODD.plus(xOnly)));
    }

    /// Adds a script.
    public void addScript(Bytes script) {
        scripts.putIfAbsent(id(script), script);
    }

    /// Adds a public key.
    public void addPublicKey(Bytes key) {
        publicKeys.putIfAbsent(id(key), key);
    }

    /// Adds a public key that tapscripts name by the hash of its x-only form.
    public void addTapscriptKey(Bytes key) {
        publicKeys.putIfAbsent(id(key.slice(1, 32)), key);
    }

    /// Adds a private key, and its public key.
    public void addPrivateKey(PrivateKey key) {
        Bytes publicKey = key.publicKey();
        addPublicKey(publicKey);
        privateKeys.putIfAbsent(id(publicKey), key);
    }

    /// Adds a private key without its public key.
    public void addPrivateKeyOnly(PrivateKey key) {
        privateKeys.putIfAbsent(id(key.publicKey()), key);
    }

    /// Whether there is any private key.
    public boolean hasPrivateKeys() {
        return !privateKeys.isEmpty();
    }

    /// Adds where a public key comes from.
    public void addOrigin(Bytes publicKey, KeyOrigin origin) {
        origins.putIfAbsent(id(publicKey), origin);
    }

    /// Adds what is known of a taproot output.
    public void addTree(TaprootTree tree) {
        trees.putIfAbsent(tree.outputKey(), tree);
    }

    /// Adds all that another knows; what is known here stays.
    public void merge(SigningProvider other) {
        other.scripts.forEach(scripts::putIfAbsent);
        other.publicKeys.forEach(publicKeys::putIfAbsent);
        other.privateKeys.forEach(privateKeys::putIfAbsent);
        other.origins.forEach(origins::putIfAbsent);
        other.trees.forEach(trees::putIfAbsent);
    }

    /// The same without private keys.
    public SigningProvider withoutSecrets() {
        var copy = new SigningProvider();
        copy.merge(this);
        copy.privateKeys.clear();
        return copy;
    }

    /// The same without where keys come from.
    public SigningProvider withoutOrigins() {
        var copy = new SigningProvider();
        copy.merge(this);
        copy.origins.clear();
        return copy;
    }

    /// The script of a hash.
    public @Nullable Bytes script(Bytes id) {
        return scripts.get(id);
    }

    /// The public key of a hash.
    public @Nullable Bytes publicKey(Bytes id) {
        return publicKeys.get(id);
    }

    /// The private key of a hash of its public key.
    public @Nullable PrivateKey privateKey(Bytes id) {
        return privateKeys.get(id);
    }

    /// Where the key of a hash comes from.
    public @Nullable KeyOrigin origin(Bytes id) {
        return origins.get(id);
    }

    /// The private key of an x-only public key.
    public @Nullable PrivateKey privateKeyOfXOnly(Bytes xOnly) {
        for (Bytes id : idsOfXOnly(xOnly)) {
            PrivateKey key = privateKeys.get(id);
            if (key != null) {
                return key;
            }
        }
        return null;
    }

    /// Where an x-only public key comes from.
    public @Nullable KeyOrigin originOfXOnly(Bytes xOnly) {
        for (Bytes id : idsOfXOnly(xOnly)) {
            KeyOrigin origin = origins.get(id);
            if (origin != null) {
                return origin;
            }
        }
        return null;
    }

    /// The tree of a taproot output.
    ///
    /// @param outputKey x-only
    public @Nullable TaprootTree tree(Bytes outputKey) {
        return trees.get(outputKey);
    }

    /// All public keys by hash.
    public NavigableMap<Bytes, Bytes> publicKeys() {
        return publicKeys;
    }
}
