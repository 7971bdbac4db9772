package weft.app.bench.load;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.script.Opcode;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.SigHash;
import weft.crypto.Hash160;
import weft.crypto.Secp256k1;
import weft.mining.Solver;
import weft.mining.TemplateBuilder;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.address.Address;

/// What the nodes are given, all of it from a seed: blocks of regtest that make as many P2WPKH coins as are
/// wanted, and a transaction for each, of one input and two outputs.
///
/// @param blocks without genesis
/// @param transactions none spends another
/// @param later empty blocks that come after the others
record RelayLoad(List<Block> blocks, List<Transaction> transactions, List<Block> later) {
    private static final int KEYS = 200;
    private static final int MATURITY = 100;
    private static final int OUTPUTS_EACH = 2_000;
    private static final int FAN_OUTS_A_BLOCK = 12;
    private static final int SECONDS_APART = 600;
    private static final int VSIZE = 141;
    private static final int RATE_MAX = 50;
    private static final Bytes ALL = Bytes.wrap(new byte[] {SigHash.ALL});

    /// Who holds a coin.
    private record Key(Bytes secret, Bytes publicKey, Bytes lock, Bytes code) {
        static Key of(SplittableRandom random) {
            byte[] secret = new byte[Secp256k1.SECRET_KEY_BYTES];
            do {
                random.nextBytes(secret);
            } while (!Secp256k1.get().isValidSecretKey(secret));
            Bytes publicKey = Bytes.wrap(Secp256k1.get().publicKey(secret, true));
            Bytes hash = Bytes.wrap(Hash160.hash(publicKey.toByteArray()));
            Bytes code =
                    new ScriptBuilder()
                            .op(Opcode.OP_DUP)
                            .op(Opcode.OP_HASH160)
                            .push(hash)
                            .op(Opcode.OP_EQUALVERIFY)
                            .op(Opcode.OP_CHECKSIG)
                            .build();
            Bytes lock = new Address.WitnessProgram(0, hash).scriptPubKey();
            return new Key(Bytes.wrap(secret), publicKey, lock, code);
        }

        Transaction spend(OutPoint coin, TxOut spent, List<TxOut> outputs) {
            var inputs = List.of(new TxIn(coin, Bytes.EMPTY, TxIn.SEQUENCE_FINAL));
            Transaction unsigned = Transaction.of(2, inputs, outputs, List.of(), 0);
            var shared = PrecomputedTxHashes.forSigning(unsigned, List.of(spent));
            byte[] digest =
                    SigHash.witnessV0(shared, 0, code.toByteArray(), spent.value(), SigHash.ALL);
            byte[] signature = Secp256k1.get().ecdsaSign(digest, secret.toByteArray());
            var witness = List.of(Witness.of(Bytes.wrap(signature).plus(ALL), publicKey));
            return Transaction.of(2, inputs, outputs, witness, 0);
        }
    }

    /// Makes blocks and transactions.
    ///
    /// @param later number of empty blocks after those that the transactions need
    static RelayLoad make(long seed, int count, int later) {
        var random = new SplittableRandom(seed);
        var keys = new ArrayList<Key>();
        for (int i = 0; i < KEYS; i++) {
            keys.add(Key.of(random));
        }
        ChainParams params = ChainParams.of(Network.REGTEST);
        var miner = new Miner(params);
        int fanOuts = (count + OUTPUTS_EACH - 1) / OUTPUTS_EACH;
        var rewards = new ArrayList<Transaction>();
        for (int i = 0; i < fanOuts + MATURITY; i++) {
            Key key = keys.get(i % KEYS);
            rewards.add(miner.mine(List.of(), key.lock()).transactions().getFirst());
        }
        var spread = new ArrayList<Transaction>();
        for (int i = 0; i < fanOuts; i++) {
            TxOut reward = rewards.get(i).outputs().getFirst();
            long each = reward.value() / OUTPUTS_EACH - 100;
            var outputs = new ArrayList<TxOut>();
            for (int k = 0; k < OUTPUTS_EACH; k++) {
                outputs.add(new TxOut(each, keys.get(k % KEYS).lock()));
            }
            var coin = new OutPoint(rewards.get(i).txid(), 0);
            spread.add(keys.get(i % KEYS).spend(coin, reward, outputs));
        }
        for (int i = 0; i < fanOuts; i += FAN_OUTS_A_BLOCK) {
            List<Transaction> some = spread.subList(i, Math.min(fanOuts, i + FAN_OUTS_A_BLOCK));
            miner.mine(some, keys.getFirst().lock());
        }
        long[] choices = random.longs(count).toArray();
        Transaction[] made = new Transaction[count];
        IntStream.range(0, count)
                .parallel()
                .forEach(i -> made[i] = payment(spread, keys, i, choices[i]));
        int needed = miner.blocks.size();
        for (int i = 0; i < later; i++) {
            miner.mine(List.of(), keys.getFirst().lock());
        }
        List<Block> all = List.copyOf(miner.blocks);
        return new RelayLoad(
                all.subList(0, needed),
                List.copyOf(Arrays.asList(made)),
                all.subList(needed, all.size()));
    }

    private static Transaction payment(
            List<Transaction> spread, List<Key> keys, int number, long choice) {
        Transaction from = spread.get(number / OUTPUTS_EACH);
        int index = number % OUTPUTS_EACH;
        var random = new SplittableRandom(choice);
        TxOut spent = from.outputs().get(index);
        long fee = (long) VSIZE * random.nextInt(2, RATE_MAX);
        long part = random.nextLong(spent.value() / 4, spent.value() / 2);
        var outputs =
                List.of(
                        new TxOut(part, keys.get(random.nextInt(KEYS)).lock()),
                        new TxOut(
                                spent.value() - part - fee, keys.get(random.nextInt(KEYS)).lock()));
        return keys.get(index % KEYS).spend(new OutPoint(from.txid(), index), spent, outputs);
    }

    /// Makes one block after another.
    private static final class Miner {
        final List<Block> blocks = new ArrayList<>();
        private final ChainParams params;
        private final TemplateBuilder builder;
        private HeaderNode tip;

        Miner(ChainParams params) {
            this.params = params;
            this.builder = new TemplateBuilder(params);
            Block genesis = params.genesis();
            this.tip = HeaderNode.genesis(genesis.header(), params.work(genesis.header().bits()));
        }

        Block mine(List<Transaction> transactions, Bytes payTo) {
            var now = new Now(0, Instant.ofEpochSecond(tip.time() + SECONDS_APART));
            Block draft = builder.assemble(tip, transactions, payTo, 0, now);
            Block block = Solver.solve(draft, Integer.MAX_VALUE, params).orElseThrow();
            tip =
                    HeaderNode.of(
                            block.header(), block.hash(), tip, params.work(block.header().bits()));
            blocks.add(block);
            return block;
        }
    }
}
