package weft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.ChainOptions;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.SigHash;
import weft.consensus.script.Taproot;
import weft.crypto.Secp256k1;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Headers;

/// Blocks that are valid but unusual, which other nodes refused; and failures of ours while one is judged.
class LimitsAttackTest implements SeenRed {
    private static final long COIN = Target.COIN;
    private static final byte[] INTERNAL = Secp256k1.get().xOnlyPublicKey(secret());

    private static byte[] secret() {
        byte[] secret = new byte[32];
        secret[31] = 7;
        return secret;
    }

    private static Transaction paying(OutPoint coin, Bytes script) {
        return Transaction.of(
                1,
                List.of(new TxIn(coin, Bytes.EMPTY, 0)),
                List.of(new TxOut(COIN, script)),
                List.of(),
                0);
    }

    /// A taproot output with one leaf.
    private static Bytes output(Bytes leaf) {
        return new ScriptBuilder().op(Opcode.OP_1).push(tweaked(leaf).from(1)).build();
    }

    private static Bytes tweaked(Bytes leaf) {
        byte[] root = Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, leaf);
        return Bytes.wrap(
                Secp256k1.get()
                        .xOnlyTweakAdd(INTERNAL, Taproot.tweak(INTERNAL, root))
                        .orElseThrow());
    }

    private static Transaction spending(OutPoint coin, Bytes leaf, List<Bytes> arguments) {
        var items = new ArrayList<>(arguments);
        items.add(leaf);
        byte[] first = {(byte) (Taproot.LEAF_TAPSCRIPT | (tweaked(leaf).at(0) & 1))};
        items.add(Bytes.wrap(first).plus(Bytes.wrap(INTERNAL)));
        return Transaction.of(
                1,
                List.of(new TxIn(coin, Bytes.EMPTY, 0)),
                List.of(new TxOut(COIN, Target.OPEN)),
                List.of(new Witness(items)),
                0);
    }

    @Test
    @DisplayName(
            "A15 A16 taproot spends with 999 keys, an item of 3.9 MB, 500,001 and 3,900,000 items")
    @Sabotage(
            type = "weft.primitives.codec.ByteReader",
            method = "varBytes",
            constant = "33554432>11000")
    @Sabotage(type = "weft.primitives.Witness", method = "read", constant = "33554432>500000")
    void shouldTakeBlocksThatOthersCouldNotRead() {
        var scene = new Scene();
        Target target = scene.target;
        var keys = new ScriptBuilder();
        for (int i = 0; i < 999; i++) {
            keys.push(INTERNAL).op(i == 0 ? Opcode.OP_CHECKSIG : Opcode.OP_CHECKSIGADD);
        }
        Bytes multi = keys.number(0).op(Opcode.OP_NUMEQUAL).build();
        Bytes succeeds = Bytes.parse("50");
        List<Transaction> made =
                List.of(
                        paying(scene.coin(1), output(multi)),
                        paying(scene.coin(2), output(succeeds)),
                        paying(scene.coin(3), output(succeeds)),
                        paying(scene.coin(4), output(succeeds)));
        scene.accepts(target.block(made));
        List<Bytes> none = Collections.nCopies(999, Bytes.EMPTY);
        List<Bytes> many = Collections.nCopies(500_001, Bytes.EMPTY);
        List<Bytes> huge = List.of(Bytes.wrap(new byte[3_900_000]));
        Transaction manyItems = spending(Target.out(made.get(1)), succeeds, many);
        // Alone it is too heavy for the mempool, which is no crime.
        FakePeer sender = target.peer();
        sender.sends(manyItems);
        assertThat(sender.fate()).isEqualTo(Fate.KEPT);
        scene.accepts(
                target.block(List.of(spending(Target.out(made.get(0)), multi, none), manyItems)));
        scene.accepts(target.block(List.of(spending(Target.out(made.get(2)), succeeds, huge))));
        List<Bytes> most = Collections.nCopies(3_900_000, Bytes.EMPTY);
        scene.accepts(target.block(List.of(spending(Target.out(made.get(3)), succeeds, most))));
        scene.holdsAgain();
    }

    @Test
    @DisplayName(
            "A14 a spend whose signature stands in the script, alone and at the head of a push")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "startsWith", returns = "false")
    void shouldCutOutOnlyTheSignatureItself() {
        var scene = new Scene();
        Target target = scene.target;
        byte[] digest = new byte[32];
        digest[0] = 3;
        byte[] compact = Secp256k1.get().ecdsaSignRecoverable(digest, secret());
        Bytes signature =
                Bytes.wrap(Secp256k1.get().ecdsaSign(digest, secret())).plus(Bytes.parse("01"));
        Bytes left =
                new ScriptBuilder()
                        .push(signature.plus(Bytes.parse("ff")))
                        .op(Opcode.OP_DROP)
                        .op(Opcode.OP_DROP)
                        .op(Opcode.OP_CHECKSIG)
                        .build();
        Bytes script = new ScriptBuilder().push(signature).raw(left).build();
        Transaction made = paying(scene.coin(1), script);
        scene.accepts(target.block(List.of(made)));
        // The key is found for what is signed: the script without the push, or, wrongly, with it.
        Transaction right = signed(made, signature, compact, left);
        Transaction wrong = signed(made, signature, compact, script);
        scene.refuses(target.block(List.of(wrong)), Fate.DISCOURAGED);
        scene.accepts(target.block(List.of(right)));
        scene.holdsAgain();
    }

    private static Transaction signed(
            Transaction made, Bytes signature, byte[] compact, Bytes scriptCode) {
        Transaction bare = Target.spend(Target.out(made), COIN);
        byte[] digest = SigHash.legacy(bare, 0, scriptCode.toByteArray(), SigHash.ALL);
        // Signing tries for a small R; the key must fit the signature that is used.
        byte[] plain = compactOf(signature, compact);
        byte[] key = Secp256k1.get().ecdsaRecover(plain, digest, true).orElseThrow();
        Bytes scriptSig = new ScriptBuilder().push(signature).push(key).build();
        return Transaction.of(
                1, List.of(new TxIn(Target.out(made), scriptSig, 0)), bare.outputs(), List.of(), 0);
    }

    /// R and S of a signature in DER, after a recovery id.
    private static byte[] compactOf(Bytes der, byte[] like) {
        byte[] result = new byte[like.length];
        int lengthR = der.at(3);
        copyRight(der.slice(4, lengthR), result, 33);
        copyRight(der.slice(6 + lengthR, der.at(5 + lengthR)), result, 65);
        return result;
    }

    private static void copyRight(Bytes number, byte[] result, int end) {
        int length = Math.min(32, number.length());
        number.from(number.length() - length).copyTo(result, end - length);
    }

    @Test
    @DisplayName(
            "A10 ten blocks that each spend 6,000 coins of 6,000 transactions, and leaving them and back")
    @Sabotage(type = "weft.primitives.Transaction", method = "inputs", constant = "33554432>5000")
    void shouldHaveNoLimitBelowTheWeight() {
        int rounds = 10;
        var scene = new Scene();
        Target target = scene.target;
        target.mine(rounds);
        BlockHeader fork = target.node.chain().tip().header();
        int height = target.height();
        var last = new ArrayList<Transaction>();
        for (int i = 1; i <= rounds; i++) {
            last.add(spendsThousands(target, scene.coin(i)));
        }
        BlockHeader tip = target.node.chain().tip().header();
        assertThat(target.height()).isEqualTo(height + 3 * rounds);
        var parent = fork;
        FakePeer other = target.peer();
        var side = new ArrayList<Block>();
        for (int i = 1; i <= 3 * rounds + 1; i++) {
            side.add(target.block(parent, target.coinbase(height + i, 9, 0), List.of()));
            parent = side.getLast().header();
        }
        other.sends(new Headers(side.stream().map(Block::header).toList()));
        side.forEach(other::sends);
        assertThat(target.tip()).isEqualTo(parent.hash());
        for (int i = 1; i <= rounds; i++) {
            assertThat(target.node.chain().chain().coins().coin(scene.coin(i))).isNotNull();
        }
        int next = height + 3 * rounds + 1;
        Block back = target.block(tip, target.coinbase(next, 8, 0), List.of());
        Block further = target.block(back.header(), target.coinbase(next + 1, 8, 0), List.of());
        other.sends(back);
        other.sends(further);
        assertThat(target.tip()).isEqualTo(further.hash());
        for (Transaction all : last) {
            assertThat(target.node.chain().chain().coins().coin(Target.out(all))).isNotNull();
        }
        assertThat(other.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
        scene.holdsAgain();
    }

    /// Three blocks: a fan of coins, as many transactions that move one each, and one that spends theirs.
    private static Transaction spendsThousands(Target target, OutPoint coin) {
        int coins = 6_000;
        long[] values = new long[coins];
        java.util.Arrays.fill(values, 1_000);
        Transaction fan = Target.spend(coin, values);
        target.peer().sends(target.block(List.of(fan)));
        var singles = new ArrayList<Transaction>();
        for (int i = 0; i < coins; i++) {
            singles.add(Target.spend(new OutPoint(fan.txid(), i), 1_000));
        }
        target.peer().sends(target.block(singles));
        var inputs = new ArrayList<TxIn>();
        singles.forEach(tx -> inputs.add(new TxIn(Target.out(tx), Bytes.EMPTY, 0)));
        Transaction all =
                Transaction.of(1, inputs, List.of(new TxOut(5_000_000, Target.OPEN)), List.of(), 0);
        Block block = target.block(List.of(all));
        target.peer().sends(block);
        assertThat(target.tip()).isEqualTo(block.hash());
        return all;
    }

    @Test
    @DisplayName(
            "A25 a block at the limit of weight, and blocks beyond it or with too many operations")
    @Sabotage(
            type = "weft.consensus.BlockCheck",
            method = "checkInContext",
            constant = "4000000>4000004")
    @Sabotage(type = "weft.chain.BlockConnector$Run", method = "apply", constant = "80000>1000000")
    void shouldKeepTheLimitsOfBlocks() {
        var scene = new Scene();
        Target target = scene.target;
        Bytes succeeds = Bytes.parse("50");
        Transaction made = paying(scene.coin(1), output(succeeds));
        scene.accepts(target.block(List.of(made)));
        int off = 4_000_000 - heavy(target, made, 3_990_000).weight();
        Block over = heavy(target, made, 3_990_001 + off);
        assertThat(over.weight()).isEqualTo(4_000_001);
        scene.refuses(over, Fate.DISCOURAGED);
        Block full = heavy(target, made, 3_990_000 + off);
        assertThat(full.weight()).isEqualTo(4_000_000);
        scene.accepts(full);
        // Behind a hash the text of a block does not show them: 198 times 20, weighed by 4.
        Bytes redeem = Bytes.parse("0063" + "ae".repeat(198) + "6851");
        Bytes hashed =
                Bytes.parse("a914")
                        .plus(Bytes.wrap(weft.crypto.Hash160.hash(redeem.toByteArray())))
                        .plus(Bytes.parse("87"));
        var outputs = Collections.nCopies(6, new TxOut(COIN / 6, hashed));
        Transaction spread =
                Transaction.of(
                        1, List.of(new TxIn(scene.coin(3), Bytes.EMPTY, 0)), outputs, List.of(), 0);
        scene.accepts(target.block(List.of(spread)));
        Bytes push = new ScriptBuilder().push(redeem).build();
        var inputs = new ArrayList<TxIn>();
        for (int i = 0; i < 6; i++) {
            inputs.add(new TxIn(new OutPoint(spread.txid(), i), push, 0));
        }
        scene.refuses(target.block(List.of(merging(inputs))), Fate.DISCOURAGED);
        inputs.removeLast();
        scene.accepts(target.block(List.of(merging(inputs))));
        scene.holdsAgain();
    }

    private static Transaction merging(List<TxIn> inputs) {
        return Transaction.of(1, inputs, List.of(new TxOut(1, Target.OPEN)), List.of(), 0);
    }

    private static Block heavy(Target target, Transaction made, int bytes) {
        Bytes succeeds = Bytes.parse("50");
        return target.block(
                List.of(
                        spending(
                                Target.out(made), succeeds, List.of(Bytes.wrap(new byte[bytes])))));
    }

    @Test
    @DisplayName("A17 a coin spent twice in a block whose scripts are assumed valid")
    @Sabotage(
            type = "weft.chain.BlockConnector$Run",
            method = "apply",
            call = "spend",
            returns = "null")
    @Sabotage(type = "weft.chain.ChainActivation", method = "runsScripts", returns = "true")
    void shouldCheckAllButScriptsWhereScriptsAreAssumedValid() {
        // No script of the first may run; the second would be as good if coins were not looked at.
        for (boolean twice : new boolean[] {false, true}) {
            var draft = new Target();
            draft.mine(110);
            Transaction locked = paying(draft.coinbaseOf(1), Bytes.parse("00"));
            Transaction opened = Target.spend(Target.out(locked), COIN);
            Transaction rival = Target.spend(Target.out(locked), COIN - 1);
            Block block =
                    draft.block(twice ? List.of(locked, opened, rival) : List.of(locked, opened));
            var headers = new ArrayList<BlockHeader>();
            headers.add(block.header());
            while (headers.size() < 2_100) {
                BlockHeader parent = headers.getLast();
                headers.add(draft.block(parent, draft.coinbase(1, 0, 0), List.of()).header());
            }
            draft.node.onChain(
                    draft.now(), (engine, now, events) -> engine.chain().flush(now), out -> {});
            var target =
                    new Target(
                            draft.params,
                            ChainOptions.DEFAULT.withAssumeValid(headers.get(1).hash()),
                            draft.database.copy(),
                            draft.blocks.copy(),
                            new weft.chain.InlineScriptVerifier());
            FakePeer peer = target.peer();
            peer.sends(new Headers(headers.subList(0, 2_000)));
            peer.sends(new Headers(headers.subList(2_000, 2_100)));
            peer.sends(block);
            assertThat(target.height()).isEqualTo(twice ? 110 : 111);
            assertThat(peer.fate()).isEqualTo(twice ? Fate.DISCOURAGED : Fate.KEPT);
        }
    }

    @Test
    @DisplayName(
            "A27 memory runs out while a peer's block is judged: the node stops, the peer stays")
    @Sabotage(type = "weft.chain.BlockConnector", method = "connect", catches = "null")
    void shouldNotPunishAPeerForAFailureOfOurs() {
        for (Error failure : List.of(new OutOfMemoryError("heap"), new StackOverflowError())) {
            boolean[] fails = {false};
            var target =
                    new Target(
                            ChainParams.of(Network.REGTEST),
                            ChainOptions.DEFAULT,
                            new MemoryKeyValueStore(),
                            new MemoryBlockStore(),
                            checks -> {
                                if (fails[0]) {
                                    throw failure;
                                }
                                return null;
                            });
            target.mine(110);
            Block block = target.block(List.of(Target.spend(target.coinbaseOf(1), COIN)));
            FakePeer peer = target.peer();
            fails[0] = true;
            assertThatThrownBy(() -> peer.sends(block)).isSameAs(failure);
            assertThat(peer.fate()).isEqualTo(Fate.KEPT);
            assertThat(target.height()).isEqualTo(110);
            var again =
                    new Target(
                            target.params,
                            ChainOptions.DEFAULT,
                            target.database.copy(),
                            target.blocks.copy(),
                            new weft.chain.InlineScriptVerifier());
            FakePeer retry = again.peer();
            retry.sends(block);
            assertThat(again.tip()).isEqualTo(block.hash());
            assertThat(retry.fate()).isEqualTo(Fate.KEPT);
        }
    }
}
