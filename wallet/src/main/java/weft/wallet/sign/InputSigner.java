package weft.wallet.sign;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Interpreter;
import weft.consensus.script.Opcode;
import weft.consensus.script.OutputType;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.SigVersion;
import weft.consensus.script.Taproot;
import weft.crypto.Ripemd160;
import weft.primitives.Bytes;
import weft.primitives.Witness;
import weft.primitives.codec.ByteWriter;

/// Makes what unlocks one output: signatures, keys and scripts in the places where they belong. What is there
/// already stays; what cannot be made is told as missing. Works for bare keys and multisig, P2PKH, P2SH,
/// P2WPKH, P2WSH, P2TR by key and by script.
public final class InputSigner {
    private final SigningProvider provider;
    private final SignatureCreator creator;
    private final InputSignatures found;

    private InputSigner(SigningProvider provider, SignatureCreator creator, InputSignatures found) {
        this.provider = provider;
        this.creator = creator;
        this.found = found;
    }

    /// A step of a solution.
    ///
    /// @param solved everything that the script asks for is there
    private record Step(boolean solved, OutputType type, List<Bytes> items) {
        Bytes first() {
            return items.getFirst();
        }
    }

    /// Signs as far as the provider's keys allow.
    ///
    /// @param scriptPubKey of the output spent
    /// @param found what is there already; filled with all that is made
    /// @return whether the input is complete, and valid by the rules of relay
    public static boolean sign(
            SigningProvider provider,
            SignatureCreator creator,
            Bytes scriptPubKey,
            InputSignatures found) {
        if (!found.complete) {
            new InputSigner(provider, creator, found).sign(scriptPubKey);
        }
        return found.complete;
    }

    private void sign(Bytes scriptPubKey) {
        Step step = solve(scriptPubKey, SigVersion.BASE);
        boolean solved = step.solved;
        List<Bytes> items = step.items;
        OutputType type = step.type;
        boolean isScriptHash = false;
        if (solved && type == OutputType.SCRIPTHASH) {
            found.redeemScript = step.first();
            Step inner = solve(found.redeemScript, SigVersion.BASE);
            type = inner.type;
            solved = inner.solved && type != OutputType.SCRIPTHASH;
            items = inner.items;
            isScriptHash = true;
        }
        if (solved && type == OutputType.WITNESS_V0_KEYHASH) {
            Step inner = solve(payToKeyHash(items.getFirst()), SigVersion.WITNESS_V0);
            solved = inner.solved;
            found.witness = new Witness(inner.items);
            found.isWitness = true;
            items = List.of();
        } else if (solved && type == OutputType.WITNESS_V0_SCRIPTHASH) {
            solved = signWitnessScript(items.getFirst());
            items = List.of();
        } else if (type == OutputType.WITNESS_V1_TAPROOT && !isScriptHash) {
            found.isWitness = true;
            if (solved) {
                found.witness = new Witness(items);
            }
            items = List.of();
        }
        if (!found.isWitness) {
            found.witness = Witness.EMPTY;
        }
        var all = new ArrayList<>(items);
        if (isScriptHash) {
            all.add(found.redeemScript);
        }
        found.scriptSig = pushAll(all);
        found.complete =
                solved
                        && Interpreter.verify(
                                        found.scriptSig,
                                        scriptPubKey,
                                        found.witness,
                                        ScriptFlags.STANDARD,
                                        creator.checker())
                                == ScriptError.OK;
    }

    private boolean signWitnessScript(Bytes script) {
        found.witnessScript = script;
        Step inner = solve(script, SigVersion.WITNESS_V0);
        boolean solved =
                inner.solved
                        && inner.type != OutputType.SCRIPTHASH
                        && inner.type != OutputType.WITNESS_V0_SCRIPTHASH
                        && inner.type != OutputType.WITNESS_V0_KEYHASH;
        var items = new ArrayList<>(inner.items);
        if (!solved && items.isEmpty()) {
            List<Bytes> satisfied =
                    new MiniscriptSigner(provider, creator, found).witnessScript(script);
            if (satisfied != null) {
                items.addAll(satisfied);
                solved = true;
            }
        }
        items.add(script);
        found.witness = new Witness(items);
        found.isWitness = true;
        return solved;
    }

    private static Bytes payToKeyHash(Bytes hash) {
        return new ScriptBuilder()
                .op(Opcode.OP_DUP)
                .op(Opcode.OP_HASH160)
                .push(hash)
                .op(Opcode.OP_EQUALVERIFY)
                .op(Opcode.OP_CHECKSIG)
                .build();
    }

    private static Bytes pushAll(List<Bytes> items) {
        var script = new ScriptBuilder();
        for (Bytes item : items) {
            int only = item.length() == 1 ? item.at(0) : -1;
            if (item.isEmpty()) {
                script.op(Opcode.OP_0);
            } else if (only >= 1 && only <= 16) {
                script.number(only);
            } else if (only == 0x81) {
                script.op(Opcode.OP_1NEGATE);
            } else {
                script.push(item);
            }
        }
        return script.build();
    }

    /// Solves one script; scripts behind hashes are handed back for a step of their own.
    private Step solve(Bytes script, SigVersion version) {
        OutputType type = OutputType.of(script);
        return switch (type) {
            case NONSTANDARD, NULLDATA, WITNESS_UNKNOWN -> step(type, null);
            case ANCHOR -> step(type, List.of());
            case PUBKEY -> {
                Bytes made = ecdsa(OutputType.publicKey(script), script, version);
                yield step(type, made == null ? null : List.of(made));
            }
            case PUBKEYHASH -> step(type, byKeyHash(script, version));
            case SCRIPTHASH -> {
                Bytes hash = script.slice(2, 20);
                Bytes inner = script(hash);
                if (inner == null) {
                    found.missingRedeemScript = hash;
                }
                yield step(type, inner == null ? null : List.of(inner));
            }
            case MULTISIG -> multisig(script, version);
            case WITNESS_V0_KEYHASH -> step(type, List.of(script.from(2)));
            case WITNESS_V0_SCRIPTHASH -> {
                Bytes hash = script.from(2);
                Bytes inner = script(Bytes.wrap(Ripemd160.hash(hash.toByteArray())));
                if (inner == null) {
                    found.missingWitnessScript = hash;
                }
                yield step(type, inner == null ? null : List.of(inner));
            }
            case WITNESS_V1_TAPROOT -> step(type, taproot(script.from(2)));
        };
    }

    private static Step step(OutputType type, @Nullable List<Bytes> items) {
        return new Step(items != null, type, items == null ? List.of() : items);
    }

    private @Nullable Bytes script(Bytes id) {
        Bytes known = provider.script(id);
        if (known != null) {
            return known;
        }
        for (Bytes each : List.of(found.redeemScript, found.witnessScript)) {
            if (SigningProvider.id(each).equals(id)) {
                return each;
            }
        }
        return null;
    }

    private @Nullable List<Bytes> byKeyHash(Bytes script, SigVersion version) {
        Bytes id = script.slice(3, 20);
        Bytes key = publicKey(provider, found, id);
        if (key == null) {
            found.missingPublicKeys.add(id);
            return null;
        }
        Bytes made = ecdsa(key, script, version);
        return made == null ? null : List.of(made, key);
    }

    /// Looks for a key in all that is there already, then with the provider.
    static @Nullable Bytes publicKey(SigningProvider provider, InputSignatures found, Bytes id) {
        InputSignatures.Signed signed = found.signatures.get(id);
        if (signed != null) {
            return signed.publicKey();
        }
        InputSignatures.Known known = found.knownKeys.get(id);
        if (known != null) {
            return known.publicKey();
        }
        for (Bytes xOnly : found.taprootKeys.keySet()) {
            if (SigningProvider.id(xOnly).equals(id)) {
                return Bytes.parse("02").plus(xOnly);
            }
        }
        return provider.publicKey(id);
    }

    private @Nullable Bytes ecdsa(Bytes publicKey, Bytes script, SigVersion version) {
        return ecdsa(new Signer(provider, creator, found), publicKey, script, version);
    }

    /// The three that every signature needs.
    record Signer(SigningProvider provider, SignatureCreator creator, InputSignatures found) {}

    /// A signature that is there, or a new one.
    static @Nullable Bytes ecdsa(Signer signer, Bytes publicKey, Bytes script, SigVersion version) {
        InputSignatures found = signer.found;
        Bytes id = SigningProvider.id(publicKey);
        InputSignatures.Signed signed = found.signatures.get(id);
        if (signed != null) {
            return signed.signature();
        }
        KeyOrigin origin = signer.provider.origin(id);
        if (origin != null) {
            found.knownKeys.putIfAbsent(id, new InputSignatures.Known(publicKey, origin));
        }
        Bytes made = signer.creator.ecdsa(signer.provider, id, script, version);
        if (made == null) {
            found.missingSignatures.add(id);
            return null;
        }
        found.signatures.put(id, new InputSignatures.Signed(publicKey, made));
        return made;
    }

    /// Every key that can sign does, because others may want the signatures; only as many as are asked for go
    /// into the script.
    private Step multisig(Bytes script, SigVersion version) {
        int required = OutputType.multisigRequired(script);
        var items = new ArrayList<Bytes>();
        // CHECKMULTISIG takes one item more than it needs.
        items.add(Bytes.EMPTY);
        for (Bytes key : OutputType.multisigKeys(script)) {
            Bytes made = ecdsa(key, script, version);
            if (made != null && items.size() <= required) {
                items.add(made);
            }
        }
        boolean solved = items.size() == required + 1;
        // Bitcoin Core fills only half of the free places; signers to come do not need them.
        for (int i = 0; i + items.size() < required + 1; i++) {
            items.add(Bytes.EMPTY);
        }
        return new Step(solved, OutputType.MULTISIG, items);
    }

    private @Nullable List<Bytes> taproot(Bytes outputKey) {
        TaprootTree tree = provider.tree(outputKey);
        if (tree != null) {
            found.taproot.merge(tree.spend());
            found.tree = tree;
        }
        Bytes internal = found.taproot.internalKey();
        KeyOrigin origin = internal.isEmpty() ? null : provider.originOfXOnly(internal);
        if (origin != null) {
            found.taprootKeys.putIfAbsent(
                    internal, new InputSignatures.TaprootKey(new TreeSet<>(), origin));
        }
        if (found.keyPathSignature.isEmpty() && !internal.isEmpty()) {
            keep(creator.schnorrByKey(provider, internal, found.taproot.merkleRoot()));
        }
        if (found.keyPathSignature.isEmpty()) {
            keep(creator.schnorrByKey(provider, outputKey, null));
        }
        return found.keyPathSignature.isEmpty() ? tapscript() : List.of(found.keyPathSignature);
    }

    private void keep(@Nullable Bytes keyPathSignature) {
        if (keyPathSignature != null) {
            found.keyPathSignature = keyPathSignature;
        }
    }

    /// The script whose witness is smallest.
    private @Nullable List<Bytes> tapscript() {
        List<Bytes> best = null;
        for (var each : found.taproot.leaves().entrySet()) {
            TaprootSpend.Leaf leaf = each.getKey();
            if (leaf.version() != Taproot.LEAF_TAPSCRIPT) {
                continue;
            }
            List<Bytes> made =
                    new MiniscriptSigner(provider, creator, found).tapscript(leaf.script());
            if (made == null) {
                continue;
            }
            var items = new ArrayList<>(made);
            items.add(leaf.script());
            items.add(each.getValue().first());
            if (best == null || size(items) < size(best)) {
                best = items;
            }
        }
        return best;
    }

    private static int size(List<Bytes> items) {
        var out = new ByteWriter();
        new Witness(items).write(out);
        return out.size();
    }
}
