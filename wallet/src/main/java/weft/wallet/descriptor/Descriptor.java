package weft.wallet.descriptor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.address.PrivateKey;
import weft.wallet.sign.SigningProvider;

/// What describes a script, or a family of scripts, completely: its form and its keys. See BIP-0380.
/// Immutable; private keys are never in it, but with a provider.
public final class Descriptor {
    private final DescriptorNode root;

    private Descriptor(DescriptorNode root) {
        this.root = root;
    }

    /// Reads a descriptor.
    ///
    /// @param secrets gets the private keys that stand in the text
    /// @param mustHaveChecksum whether one without checksum is refused
    /// @throws DescriptorFault if it is none
    public static Descriptor parse(
            String text,
            AddressPrefixes prefixes,
            SigningProvider secrets,
            boolean mustHaveChecksum) {
        String body = DescriptorChecksum.strip(text, mustHaveChecksum);
        return new Descriptor(new DescriptorParser(prefixes, secrets).parse(body));
    }

    /// The descriptor that says most of a script.
    ///
    /// @param known keys and scripts that may be behind hashes
    public static Descriptor infer(Bytes script, SigningProvider known, AddressPrefixes prefixes) {
        return new Descriptor(new DescriptorInference(known, prefixes).infer(script));
    }

    /// The text without secrets, with its checksum.
    public String text() {
        return DescriptorChecksum.append(root.text());
    }

    /// Whether it stands for a family of scripts, one or more for each number.
    public boolean isRange() {
        return isRange(root);
    }

    private static boolean isRange(DescriptorNode node) {
        return node.keys().stream().anyMatch(KeyExpression::isRange)
                || node.inner().stream().anyMatch(Descriptor::isRange);
    }

    /// Whether one who has the keys can spend what it describes.
    public boolean isSolvable() {
        return root.isSolvable();
    }

    /// Whether it stands for one script a number; `combo` does not.
    public boolean isSingle() {
        return root.isSingle();
    }

    /// The kind of its address, if it has one.
    public Optional<AddressKind> kind() {
        return root.kind();
    }

    /// The scripts of a number.
    ///
    /// @param position 0 if it is no range
    /// @param secrets private keys, which hardened steps need
    /// @param out gets what a signer needs of scripts, keys and their origins; no private keys
    /// @return empty if a key cannot be derived
    public Optional<List<Bytes>> expand(
            int position, SigningProvider secrets, SigningProvider out) {
        return expand(root, position, secrets, out);
    }

    private static Optional<List<Bytes>> expand(
            DescriptorNode node, int position, SigningProvider secrets, SigningProvider out) {
        var derived = new ArrayList<KeyExpression.Derived>();
        for (KeyExpression key : node.keys()) {
            KeyExpression.Derived each = key.derive(position, secrets);
            if (each == null) {
                return Optional.empty();
            }
            derived.add(each);
        }
        var inner = new ArrayList<Bytes>();
        for (DescriptorNode each : node.inner()) {
            Optional<List<Bytes>> scripts = expand(each, position, secrets, out);
            if (scripts.isEmpty()) {
                return Optional.empty();
            }
            inner.add(scripts.get().getFirst());
        }
        derived.forEach(each -> out.addOrigin(each.publicKey(), each.origin()));
        List<Bytes> keys = derived.stream().map(KeyExpression.Derived::publicKey).toList();
        return Optional.of(node.scripts(keys, inner, out));
    }

    /// Gives the private keys of a number.
    ///
    /// @param secrets the keys that the descriptor was read with
    /// @param out gets the keys that can be derived
    public void expandPrivate(int position, SigningProvider secrets, SigningProvider out) {
        expandPrivate(root, position, secrets, out);
    }

    private static void expandPrivate(
            DescriptorNode node, int position, SigningProvider secrets, SigningProvider out) {
        for (KeyExpression key : node.keys()) {
            PrivateKey found = key.privateKey(position, secrets);
            if (found != null) {
                out.addPrivateKeyOnly(found);
            }
        }
        node.inner().forEach(each -> expandPrivate(each, position, secrets, out));
    }

    @Override
    public String toString() {
        return text();
    }
}
