package weft.wallet.sign;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptReader;
import weft.consensus.script.Taproot;
import weft.primitives.Bytes;

/// Satisfies scripts that are no template of old: in tapscripts one key, or some of several.
final class MiniscriptSigner {
    private static final int X_ONLY = 32;

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
        return null;
    }

    /// What goes before a tapscript; null if it cannot be satisfied.
    @Nullable List<Bytes> tapscript(Bytes script) {
        Bytes leafHash = Bytes.wrap(Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, script));
        var keys = new ArrayList<Bytes>();
        ScriptReader reader = ScriptReader.of(script);
        while (reader.next() && reader.pushLength() == X_ONLY) {
            keys.add(reader.push());
            int wanted = keys.size() == 1 ? Opcode.OP_CHECKSIG : Opcode.OP_CHECKSIGADD;
            if (!reader.next() || reader.opcode() != wanted) {
                return null;
            }
        }
        if (keys.size() == 1 && reader.isAtEnd()) {
            Bytes made = sign(keys.getFirst(), leafHash);
            return made == null ? null : List.of(made);
        }
        int required = OutputType.small(reader.opcode());
        boolean ends =
                reader.next() && reader.opcode() == Opcode.OP_NUMEQUAL && reader.isAtEnd();
        return ends && required > 0 ? some(keys, required, leafHash) : null;
    }

    private @Nullable List<Bytes> some(List<Bytes> keys, int required, Bytes leafHash) {
        var items = new ArrayList<Bytes>();
        int signed = 0;
        for (Bytes key : keys) {
            Bytes made = sign(key, leafHash);
            boolean takes = made != null && signed < required;
            signed += takes ? 1 : 0;
            items.addFirst(takes ? made : Bytes.EMPTY);
        }
        return signed == required ? items : null;
    }

    private @Nullable Bytes sign(Bytes xOnly, Bytes leafHash) {
        KeyOrigin origin = provider.originOfXOnly(xOnly);
        if (origin != null) {
            found.taprootKeys
                    .computeIfAbsent(
                            xOnly,
                            _ -> new InputSignatures.TaprootKey(new TreeSet<>(), origin))
                    .leafHashes()
                    .add(leafHash);
        }
        var place = new InputSignatures.LeafKey(xOnly, leafHash);
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
}
