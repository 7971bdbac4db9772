package weft.wallet.descriptor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.Taproot;
import weft.crypto.Hash160;
import weft.crypto.Secp256k1;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressPrefixes;
import weft.wallet.miniscript.Miniscript;
import weft.wallet.sign.SigningProvider;
import weft.wallet.sign.TaprootTree;

/// A function of a descriptor with what is in its brackets. See BIP-0380 to BIP-0387.
sealed interface DescriptorNode {
    /// The keys that stand in the brackets themselves.
    List<KeyExpression> keys();

    /// The functions that stand in the brackets.
    default List<DescriptorNode> inner() {
        return List.of();
    }

    /// The text without checksum and secrets.
    String text();

    /// The scripts of this function.
    ///
    /// @param keys derived from [#keys]
    /// @param inner a script of each of [#inner]
    /// @param out gets what a signer needs
    /// @return one; several for `combo`; none if there is none for these keys
    List<Bytes> scripts(List<Bytes> keys, List<Bytes> inner, SigningProvider out);

    /// Whether one who has all keys can spend it.
    default boolean isSolvable() {
        return inner().stream().allMatch(DescriptorNode::isSolvable);
    }

    /// Whether it stands for one script.
    default boolean isSingle() {
        return true;
    }

    /// The kind of its address, if it has one.
    default Optional<AddressKind> kind() {
        return Optional.empty();
    }

    /// The functions of one key.
    enum OneKey {
        /// The key itself.
        PK("pk"),
        /// Its hash.
        PKH("pkh"),
        /// Its hash, signed in the witness.
        WPKH("wpkh"),
        /// All of these, and the last behind a hash.
        COMBO("combo"),
        /// The key of a taproot output as it is.
        RAWTR("rawtr");

        private final String word;

        OneKey(String word) {
            this.word = word;
        }
    }

    /// A function of one key.
    ///
    /// @param xOnly the key stands in a tapscript
    record Single(OneKey function, KeyExpression key, boolean xOnly) implements DescriptorNode {
        @Override
        public List<KeyExpression> keys() {
            return List.of(key);
        }

        @Override
        public String text() {
            return function.word + "(" + key.text() + ")";
        }

        @Override
        public boolean isSingle() {
            return function != OneKey.COMBO;
        }

        @Override
        public Optional<AddressKind> kind() {
            return switch (function) {
                case PK, COMBO -> Optional.empty();
                case PKH -> Optional.of(AddressKind.LEGACY);
                case WPKH -> Optional.of(AddressKind.BECH32);
                case RAWTR -> Optional.of(AddressKind.BECH32M);
            };
        }

        @Override
        public List<Bytes> scripts(List<Bytes> keys, List<Bytes> inner, SigningProvider out) {
            Bytes derived = keys.getFirst();
            return switch (function) {
                case PK -> List.of(payToKey(xOnly ? DescriptorNode.xOnly(derived) : derived));
                case PKH -> {
                    out.addPublicKey(derived);
                    yield List.of(payToKeyHash(derived));
                }
                case WPKH -> {
                    out.addPublicKey(derived);
                    yield List.of(payToWitnessKeyHash(derived));
                }
                case COMBO -> combo(derived, out);
                case RAWTR -> List.of(payToTaproot(DescriptorNode.xOnly(derived)));
            };
        }

        private static List<Bytes> combo(Bytes key, SigningProvider out) {
            out.addPublicKey(key);
            if (key.length() != Secp256k1.COMPRESSED_BYTES) {
                return List.of(payToKey(key), payToKeyHash(key));
            }
            Bytes witness = payToWitnessKeyHash(key);
            out.addScript(witness);
            return List.of(payToKey(key), payToKeyHash(key), witness, payToScriptHash(witness));
        }

        private static Bytes payToKey(Bytes key) {
            return new ScriptBuilder().push(key).op(Opcode.OP_CHECKSIG).build();
        }

        private static Bytes payToKeyHash(Bytes key) {
            return new Address.P2pkh(SigningProvider.id(key)).scriptPubKey();
        }

        private static Bytes payToWitnessKeyHash(Bytes key) {
            return new Address.WitnessProgram(0, SigningProvider.id(key)).scriptPubKey();
        }
    }

    /// Some of some keys: `multi`, `multi_a` in tapscripts, and the same with keys in order.
    record Multi(int threshold, List<KeyExpression> keys, boolean isSorted, boolean isTapscript)
            implements DescriptorNode {
        /// Copies the list.
        public Multi {
            keys = List.copyOf(keys);
        }

        @Override
        public String text() {
            return (isSorted ? "sortedmulti" : "multi")
                    + (isTapscript ? "_a(" : "(")
                    + threshold
                    + ","
                    + keys.stream().map(KeyExpression::text).collect(Collectors.joining(","))
                    + ")";
        }

        @Override
        public List<Bytes> scripts(List<Bytes> derived, List<Bytes> inner, SigningProvider out) {
            List<Bytes> all =
                    isTapscript ? derived.stream().map(DescriptorNode::xOnly).toList() : derived;
            List<Bytes> ordered =
                    isSorted ? all.stream().sorted(Comparator.naturalOrder()).toList() : all;
            return List.of(isTapscript ? multiA(threshold, ordered) : multi(threshold, ordered));
        }

        private static Bytes multiA(int threshold, List<Bytes> keys) {
            var script = new ScriptBuilder();
            for (int i = 0; i < keys.size(); i++) {
                script.push(keys.get(i));
                script.op(i == 0 ? Opcode.OP_CHECKSIG : Opcode.OP_CHECKSIGADD);
            }
            return script.number(threshold).op(Opcode.OP_NUMEQUAL).build();
        }
    }

    /// A script behind its hash: `sh`, `wsh`.
    record Hashed(DescriptorNode script, boolean isWitness) implements DescriptorNode {
        @Override
        public List<KeyExpression> keys() {
            return List.of();
        }

        @Override
        public List<DescriptorNode> inner() {
            return List.of(script);
        }

        @Override
        public String text() {
            return (isWitness ? "wsh(" : "sh(") + script.text() + ")";
        }

        @Override
        public Optional<AddressKind> kind() {
            if (isWitness) {
                return Optional.of(AddressKind.BECH32);
            }
            boolean wraps = script.kind().filter(AddressKind.BECH32::equals).isPresent();
            return Optional.of(wraps ? AddressKind.P2SH_SEGWIT : AddressKind.LEGACY);
        }

        @Override
        public List<Bytes> scripts(List<Bytes> keys, List<Bytes> inner, SigningProvider out) {
            Bytes behind = inner.getFirst();
            out.addScript(behind);
            return List.of(isWitness ? payToWitnessScriptHash(behind) : payToScriptHash(behind));
        }
    }

    /// A taproot output with its tree.
    ///
    /// @param depths one for each leaf, from left to right
    record Tree(KeyExpression key, List<DescriptorNode> leaves, List<Integer> depths)
            implements DescriptorNode {
        /// Copies the lists.
        public Tree {
            leaves = List.copyOf(leaves);
            depths = List.copyOf(depths);
        }

        @Override
        public List<KeyExpression> keys() {
            return List.of(key);
        }

        @Override
        public List<DescriptorNode> inner() {
            return leaves;
        }

        @Override
        public Optional<AddressKind> kind() {
            return Optional.of(AddressKind.BECH32M);
        }

        @Override
        public String text() {
            var text = new StringBuilder("tr(").append(key.text());
            var open = new ArrayDeque<Boolean>();
            for (int i = 0; i < leaves.size(); i++) {
                text.append(',');
                while (open.size() < depths.get(i)) {
                    text.append('{');
                    open.push(false);
                }
                text.append(leaves.get(i).text());
                while (!open.isEmpty() && open.peek()) {
                    text.append('}');
                    open.pop();
                }
                if (!open.isEmpty()) {
                    open.pop();
                    open.push(true);
                }
            }
            return text.append(')').toString();
        }

        @Override
        public List<Bytes> scripts(List<Bytes> keys, List<Bytes> inner, SigningProvider out) {
            var list = new ArrayList<TaprootTree.Leaf>();
            for (int i = 0; i < depths.size(); i++) {
                list.add(new TaprootTree.Leaf(depths.get(i), Taproot.LEAF_TAPSCRIPT, inner.get(i)));
            }
            TaprootTree tree = TaprootTree.of(xOnly(keys.getFirst()), list);
            out.addTree(tree);
            out.addPublicKey(keys.getFirst());
            return List.of(payToTaproot(tree.outputKey()));
        }
    }

    /// A script that is miniscript. See BIP-0379.
    ///
    /// @param node its keys are places in the list
    record Mini(List<KeyExpression> keys, Miniscript<Integer> node, boolean isTapscript)
            implements DescriptorNode {
        /// Copies the list.
        public Mini {
            keys = List.copyOf(keys);
        }

        @Override
        public String text() {
            return node.text(place -> keys.get(place).text());
        }

        @Override
        public List<Bytes> scripts(List<Bytes> derived, List<Bytes> inner, SigningProvider out) {
            if (!isTapscript) {
                derived.forEach(out::addPublicKey);
                return List.of(
                        node.script(derived::get, place -> SigningProvider.id(derived.get(place))));
            }
            derived.forEach(out::addTapscriptKey);
            List<Bytes> xOnly = derived.stream().map(DescriptorNode::xOnly).toList();
            return List.of(node.script(xOnly::get, place -> SigningProvider.id(xOnly.get(place))));
        }
    }

    /// A script of which nothing is known but itself: `raw`, and `addr` where it has an address.
    ///
    /// @param prefixes null for `raw`
    record Opaque(Bytes script, Optional<AddressPrefixes> prefixes) implements DescriptorNode {
        @Override
        public List<KeyExpression> keys() {
            return List.of();
        }

        @Override
        public boolean isSolvable() {
            return false;
        }

        @Override
        public boolean isSingle() {
            return true;
        }

        @Override
        public Optional<AddressKind> kind() {
            return AddressKind.of(script);
        }

        @Override
        public String text() {
            return prefixes.flatMap(
                            each ->
                                    Address.of(script)
                                            .map(found -> "addr(" + found.encode(each) + ")"))
                    .orElseGet(() -> "raw(" + script.toHex() + ")");
        }

        @Override
        public List<Bytes> scripts(List<Bytes> keys, List<Bytes> inner, SigningProvider out) {
            return List.of(script);
        }
    }

    /// A public key without its first byte.
    static Bytes xOnly(Bytes key) {
        return key.slice(1, Secp256k1.X_ONLY_BYTES);
    }

    /// The script that asks for some of some keys.
    static Bytes multi(int threshold, List<Bytes> keys) {
        var script = new ScriptBuilder().number(threshold);
        keys.forEach(script::push);
        return script.number(keys.size()).op(Opcode.OP_CHECKMULTISIG).build();
    }

    /// The output that pays to a taproot key.
    static Bytes payToTaproot(Bytes xOnly) {
        return new Address.WitnessProgram(1, xOnly).scriptPubKey();
    }

    /// The output that pays to the hash of a script.
    static Bytes payToScriptHash(Bytes script) {
        return new Address.P2sh(Bytes.wrap(Hash160.hash(script.toByteArray()))).scriptPubKey();
    }

    /// The output that pays to the hash of a witness script.
    static Bytes payToWitnessScriptHash(Bytes script) {
        return new Address.WitnessProgram(0, Bytes.wrap(Sha256.hash(script.toByteArray())))
                .scriptPubKey();
    }
}
