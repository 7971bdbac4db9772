package weft.wallet.sign;

import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.OutputType;
import weft.consensus.script.SigVersion;
import weft.consensus.script.Taproot;
import weft.primitives.Bytes;
import weft.wallet.miniscript.Miniscript;
import weft.wallet.miniscript.MiniscriptDecoder;
import weft.wallet.miniscript.Satisfaction;
import weft.wallet.sign.InputSignatures.HashKind;
import weft.wallet.sign.InputSignatures.LeafKey;
import weft.wallet.sign.InputSignatures.Preimage;
import weft.wallet.sign.InputSignatures.TaprootKey;

/// Satisfies scripts that are no template of old, but miniscript: in tapscripts, and in witness scripts.
final class MiniscriptSigner {
    private final SigningProvider provider;
    private final SignatureCreator creator;
    private final InputSignatures found;

    MiniscriptSigner(SigningProvider provider, SignatureCreator creator, InputSignatures found) {
        this.provider = provider;
        this.creator = creator;
        this.found = found;
    }

    /// What goes before a witness script; null if it cannot be satisfied.
    @Nullable List<Bytes> witnessScript(Bytes script) {
        var signer = new InputSigner.Signer(provider, creator, found);
        return satisfy(
                script,
                new Keys(false) {
                    @Override
                    public @Nullable Bytes sign(Bytes key) {
                        return InputSigner.ecdsa(signer, key, script, SigVersion.WITNESS_V0);
                    }
                });
    }

    /// What goes before a tapscript; null if it cannot be satisfied.
    @Nullable List<Bytes> tapscript(Bytes script) {
        Bytes leafHash = Bytes.wrap(Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, script));
        return satisfy(
                script,
                new Keys(true) {
                    @Override
                    public @Nullable Bytes sign(Bytes key) {
                        return schnorr(key, leafHash);
                    }
                });
    }

    private static @Nullable List<Bytes> satisfy(Bytes script, Keys keys) {
        Miniscript<Bytes> found =
                MiniscriptDecoder.decode(script, keys.tapscript, keys).orElse(null);
        return found == null ? null : Satisfaction.of(found, keys);
    }

    private @Nullable Bytes schnorr(Bytes xOnly, Bytes leafHash) {
        KeyOrigin origin = provider.originOfXOnly(xOnly);
        if (origin != null) {
            found.taprootKeys
                    .computeIfAbsent(xOnly, _ -> new TaprootKey(new TreeSet<>(), origin))
                    .leafHashes()
                    .add(leafHash);
        }
        var place = new LeafKey(xOnly, leafHash);
        Bytes known = found.scriptPathSignatures.get(place);
        if (known != null) {
            return known;
        }
        Bytes made = creator.schnorrByScript(provider, xOnly, leafHash);
        if (made != null) {
            found.scriptPathSignatures.put(place, made);
        }
        return made;
    }

    /// Finds keys, and what scripts ask for beside signatures.
    private abstract class Keys
            implements MiniscriptDecoder.KeyFinder<Bytes>, Satisfaction.Satisfier<Bytes> {
        private final boolean tapscript;

        Keys(boolean tapscript) {
            this.tapscript = tapscript;
        }

        @Override
        public @Nullable Bytes ofBytes(Bytes key) {
            boolean fits = tapscript ? key.length() == 32 : OutputType.isKey(key);
            return fits ? key : null;
        }

        @Override
        public @Nullable Bytes ofHash(Bytes hash) {
            Bytes key = InputSigner.publicKey(provider, found, hash);
            if (key == null) {
                found.missingPublicKeys.add(hash);
                return null;
            }
            return tapscript && key.length() != 32 ? key.slice(1, 32) : key;
        }

        @Override
        public Bytes bytes(Bytes key) {
            return key;
        }

        @Override
        public boolean isOldEnough(int sequence) {
            return creator.checker().checkSequence(sequence);
        }

        @Override
        public boolean isAfter(int lockTime) {
            return creator.checker().checkLockTime(lockTime);
        }

        @Override
        public @Nullable Bytes preimage(String function, Bytes hash) {
            return found.preimages.get(new Preimage(HashKind.valueOf(function), hash));
        }
    }
}
