package weft.wallet.descriptor;

import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Opcode;
import weft.consensus.script.OutputType;
import weft.consensus.script.ScriptNum;
import weft.consensus.script.ScriptReader;
import weft.consensus.script.Taproot;
import weft.crypto.Ripemd160;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;
import weft.wallet.descriptor.DescriptorNode.OneKey;
import weft.wallet.miniscript.Miniscript;
import weft.wallet.miniscript.MiniscriptDecoder;
import weft.wallet.sign.KeyOrigin;
import weft.wallet.sign.SigningProvider;
import weft.wallet.sign.TaprootTree;

/// Finds the descriptor of a script.
final class DescriptorInference {
    private static final Bytes EVEN = Bytes.parse("02");
    private static final int X_ONLY_SCRIPT_BYTES = 34;

    private final SigningProvider known;
    private final AddressPrefixes prefixes;

    DescriptorInference(SigningProvider known, AddressPrefixes prefixes) {
        this.known = known;
        this.prefixes = prefixes;
    }

    /// The descriptor of an output's script.
    DescriptorNode infer(Bytes script) {
        DescriptorNode found = infer(script, ScriptContext.TOP);
        return found == null ? new DescriptorNode.Opaque(script, Optional.of(prefixes)) : found;
    }

    private @Nullable DescriptorNode infer(Bytes script, ScriptContext context) {
        if (context == ScriptContext.P2TR) {
            return tapscript(script);
        }
        DescriptorNode found = byTemplate(script, context);
        return found == null && context == ScriptContext.P2WSH
                ? miniscript(script, context)
                : found;
    }

    private @Nullable DescriptorNode byTemplate(Bytes script, ScriptContext context) {
        OutputType type = OutputType.of(script);
        boolean mayWrap = context.mayWrapWitness();
        return switch (type) {
            case PUBKEY -> single(OneKey.PK, OutputType.publicKey(script), context);
            case PUBKEYHASH -> byHash(OneKey.PKH, script.slice(3, 20), context);
            case WITNESS_V0_KEYHASH ->
                    mayWrap ? byHash(OneKey.WPKH, script.from(2), ScriptContext.P2WPKH) : null;
            case MULTISIG -> multi(script, context);
            case SCRIPTHASH ->
                    context == ScriptContext.TOP
                            ? hashed(script.slice(2, 20), ScriptContext.P2SH)
                            : null;
            case WITNESS_V0_SCRIPTHASH ->
                    mayWrap
                            ? hashed(
                                    Bytes.wrap(Ripemd160.hash(script.from(2).toByteArray())),
                                    ScriptContext.P2WSH)
                            : null;
            case WITNESS_V1_TAPROOT ->
                    context == ScriptContext.TOP ? taproot(script.from(2)) : null;
            case NONSTANDARD, NULLDATA, ANCHOR, WITNESS_UNKNOWN -> null;
        };
    }

    private @Nullable KeyExpression key(Bytes key, ScriptContext context) {
        boolean isHybrid = key.at(0) == 6 || key.at(0) == 7;
        boolean isLong = key.length() != Secp256k1.COMPRESSED_BYTES;
        if (isHybrid || (isLong && !context.allowsUncompressed())) {
            return null;
        }
        var constant = new KeyExpression.Constant(key, false);
        KeyOrigin origin = known.origin(SigningProvider.id(key));
        return origin == null ? constant : new KeyExpression.WithOrigin(origin, constant, 'h');
    }

    private KeyExpression xOnly(Bytes key) {
        var constant = new KeyExpression.Constant(EVEN.plus(key), true);
        KeyOrigin origin = known.originOfXOnly(key);
        return origin == null ? constant : new KeyExpression.WithOrigin(origin, constant, 'h');
    }

    private @Nullable DescriptorNode single(OneKey function, Bytes key, ScriptContext context) {
        KeyExpression found = key(key, context);
        return found == null ? null : new DescriptorNode.Single(function, found, false);
    }

    private @Nullable DescriptorNode byHash(OneKey function, Bytes id, ScriptContext context) {
        Bytes key = known.publicKey(id);
        return key == null ? null : single(function, key, context);
    }

    private @Nullable DescriptorNode multi(Bytes script, ScriptContext context) {
        var keys = new ArrayList<KeyExpression>();
        for (Bytes each : OutputType.multisigKeys(script)) {
            KeyExpression key = key(each, context);
            if (key == null) {
                return null;
            }
            keys.add(key);
        }
        return new DescriptorNode.Multi(OutputType.multisigRequired(script), keys, false, false);
    }

    private @Nullable DescriptorNode hashed(Bytes id, ScriptContext inside) {
        Bytes script = known.script(id);
        DescriptorNode found = script == null ? null : infer(script, inside);
        return found == null
                ? null
                : new DescriptorNode.Hashed(found, inside == ScriptContext.P2WSH);
    }

    private @Nullable DescriptorNode taproot(Bytes outputKey) {
        TaprootTree tree = known.tree(outputKey);
        if (tree != null) {
            var leaves = new ArrayList<DescriptorNode>();
            var depths = new ArrayList<Integer>();
            for (TaprootTree.Leaf leaf : tree.leaves()) {
                DescriptorNode found =
                        leaf.version() == Taproot.LEAF_TAPSCRIPT ? tapscript(leaf.script()) : null;
                if (found != null) {
                    leaves.add(found);
                    depths.add(leaf.depth());
                }
            }
            if (leaves.size() == tree.leaves().size()) {
                return new DescriptorNode.Tree(xOnly(tree.internalKey()), leaves, depths);
            }
        }
        return Secp256k1.get().isValidXOnly(outputKey.toByteArray())
                ? new DescriptorNode.Single(OneKey.RAWTR, xOnly(outputKey), false)
                : null;
    }

    private @Nullable DescriptorNode tapscript(Bytes script) {
        if (script.length() == X_ONLY_SCRIPT_BYTES
                && script.at(0) == Secp256k1.X_ONLY_BYTES
                && script.at(X_ONLY_SCRIPT_BYTES - 1) == Opcode.OP_CHECKSIG) {
            return new DescriptorNode.Single(OneKey.PK, xOnly(script.slice(1, 32)), true);
        }
        DescriptorNode multi = multiA(script);
        return multi == null ? miniscript(script, ScriptContext.P2TR) : multi;
    }

    /// A script that is sane miniscript.
    private @Nullable DescriptorNode miniscript(Bytes script, ScriptContext context) {
        boolean isTapscript = context == ScriptContext.P2TR;
        var keys = new ArrayList<KeyExpression>();
        Miniscript<Integer> found =
                MiniscriptDecoder.decode(
                                script,
                                isTapscript,
                                new MiniscriptDecoder.KeyFinder<Integer>() {
                                    @Override
                                    public @Nullable Integer ofBytes(Bytes key) {
                                        boolean xOnly = key.length() == 32;
                                        return xOnly == isTapscript
                                                ? add(xOnly ? EVEN.plus(key) : key)
                                                : null;
                                    }

                                    @Override
                                    public @Nullable Integer ofHash(Bytes hash) {
                                        Bytes key = known.publicKey(hash);
                                        return key == null ? null : add(key);
                                    }

                                    private @Nullable Integer add(Bytes key) {
                                        KeyExpression expression =
                                                OutputType.isKey(key) ? key(key, context) : null;
                                        if (expression == null) {
                                            return null;
                                        }
                                        keys.add(expression);
                                        return keys.size() - 1;
                                    }
                                })
                        .orElse(null);
        return found != null && found.isSane(MiniscriptKeys.order(keys))
                ? new DescriptorNode.Mini(keys, found, isTapscript)
                : null;
    }

    private @Nullable DescriptorNode multiA(Bytes script) {
        var keys = new ArrayList<KeyExpression>();
        ScriptReader reader = ScriptReader.of(script);
        while (reader.next() && reader.pushLength() == Secp256k1.X_ONLY_BYTES) {
            keys.add(xOnly(reader.push()));
            int wanted = keys.size() == 1 ? Opcode.OP_CHECKSIG : Opcode.OP_CHECKSIGADD;
            if (!reader.next() || reader.opcode() != wanted) {
                return null;
            }
        }
        int threshold = number(reader);
        boolean ends = reader.next() && reader.opcode() == Opcode.OP_NUMEQUAL && reader.isAtEnd();
        boolean fits = threshold >= 1 && threshold <= keys.size();
        return ends && fits ? new DescriptorNode.Multi(threshold, keys, false, true) : null;
    }

    /// A number of signatures; 0 if it is none, or not written in the shortest way.
    private static int number(ScriptReader reader) {
        int small = OutputType.small(reader.opcode());
        int length = reader.pushLength();
        if (small > 0 || length == 0 || length > 2) {
            return small;
        }
        byte[] bytes = reader.push().toByteArray();
        long value = ScriptNum.decode(bytes);
        boolean isShortest = reader.opcode() == length && ScriptNum.isMinimal(bytes) && value > 16;
        return isShortest ? (int) value : 0;
    }
}
