package weft.wallet.descriptor;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.address.PrivateKey;
import weft.wallet.sign.KeyOrigin;
import weft.wallet.sign.SigningProvider;

/// A key in a descriptor: one key, or a family of them. See BIP-0380. Secrets are not kept here, but with the
/// provider.
sealed interface KeyExpression {
    /// A key of a family.
    record Derived(Bytes publicKey, KeyOrigin origin) {}

    /// Whether it stands for a family.
    boolean isRange();

    /// Length of a public key.
    int size();

    /// The text without secrets.
    String text();

    /// The key of a position.
    ///
    /// @param secrets what hardened steps need
    /// @return null if it cannot be derived
    @Nullable Derived derive(int position, SigningProvider secrets);

    /// The private key of a position; null if it is not known.
    @Nullable PrivateKey privateKey(int position, SigningProvider secrets);

    /// A key with a word on where it comes from.
    record WithOrigin(KeyOrigin origin, KeyExpression inner, char mark) implements KeyExpression {
        @Override
        public boolean isRange() {
            return inner.isRange();
        }

        @Override
        public int size() {
            return inner.size();
        }

        @Override
        public String text() {
            return "["
                    + origin.fingerprint().toHex()
                    + KeyOrigin.pathText(origin.path(), mark)
                    + "]"
                    + inner.text();
        }

        @Override
        public @Nullable Derived derive(int position, SigningProvider secrets) {
            Derived derived = inner.derive(position, secrets);
            if (derived == null) {
                return null;
            }
            var path = new ArrayList<>(origin.path());
            path.addAll(derived.origin().path());
            return new Derived(derived.publicKey(), new KeyOrigin(origin.fingerprint(), path));
        }

        @Override
        public @Nullable PrivateKey privateKey(int position, SigningProvider secrets) {
            return inner.privateKey(position, secrets);
        }
    }

    /// One key.
    ///
    /// @param xOnly written without its first byte
    record Constant(Bytes publicKey, boolean xOnly) implements KeyExpression {
        @Override
        public boolean isRange() {
            return false;
        }

        @Override
        public int size() {
            return publicKey.length();
        }

        @Override
        public String text() {
            return (xOnly ? publicKey.from(1) : publicKey).toHex();
        }

        @Override
        public Derived derive(int position, SigningProvider secrets) {
            Bytes fingerprint = SigningProvider.id(publicKey).slice(0, 4);
            return new Derived(publicKey, new KeyOrigin(fingerprint, List.of()));
        }

        @Override
        public @Nullable PrivateKey privateKey(int position, SigningProvider secrets) {
            return secrets.privateKey(SigningProvider.id(publicKey));
        }
    }

    /// What comes behind the path of an extended key.
    enum Last {
        /// Nothing: one key.
        NOTHING,
        /// A number for each.
        ANY,
        /// A hardened number for each.
        ANY_HARDENED
    }

    /// A key that grows from another.
    ///
    /// @param root without secret
    /// @param mark of hardened steps
    record Extended(
            ExtendedKey root, List<Integer> path, Last last, char mark, AddressPrefixes prefixes)
            implements KeyExpression {
        @Override
        public boolean isRange() {
            return last != Last.NOTHING;
        }

        @Override
        public int size() {
            return root.publicKey().length();
        }

        @Override
        public String text() {
            String tail =
                    switch (last) {
                        case NOTHING -> "";
                        case ANY -> "/*";
                        case ANY_HARDENED -> "/*" + mark;
                    };
            return root.encode(prefixes) + KeyOrigin.pathText(path, mark) + tail;
        }

        private List<Integer> steps(int position) {
            var steps = new ArrayList<>(path);
            switch (last) {
                case NOTHING -> {}
                case ANY -> steps.add(position);
                case ANY_HARDENED -> steps.add(position | KeyOrigin.HARDENED);
            }
            return steps;
        }

        private @Nullable ExtendedKey withSecret(SigningProvider secrets) {
            PrivateKey key = secrets.privateKey(SigningProvider.id(root.publicKey()));
            return key == null ? null : root.withSecret(key);
        }

        private static @Nullable ExtendedKey walk(@Nullable ExtendedKey from, List<Integer> steps) {
            ExtendedKey key = from;
            for (int step : steps) {
                if (key == null) {
                    return null;
                }
                key = key.child(step).orElse(null);
            }
            return key;
        }

        @Override
        public @Nullable Derived derive(int position, SigningProvider secrets) {
            List<Integer> steps = steps(position);
            boolean isHardened = steps.stream().anyMatch(step -> step < 0);
            ExtendedKey key = walk(isHardened ? withSecret(secrets) : root, steps);
            return key == null
                    ? null
                    : new Derived(key.publicKey(), new KeyOrigin(root.fingerprint(), steps));
        }

        @Override
        public @Nullable PrivateKey privateKey(int position, SigningProvider secrets) {
            ExtendedKey key = walk(withSecret(secrets), steps(position));
            return key == null ? null : key.privateKey().orElse(null);
        }
    }
}
