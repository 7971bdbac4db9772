package weft.chain;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.store.BlockStore;
import weft.chain.store.KeyValueStore;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.Network;
import weft.consensus.Subsidy;
import weft.consensus.WitnessCommitment;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.log.Log;

/// Makes blocks under the real rules, with what an attacker likes in them, and feeds them to a chain state.
final class Forge {
    static final Now NOW = new Now(1, Instant.parse("2026-01-01T00:00:00Z"));
    static final Origin PEER = new Origin(7);
    static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);

    /// Anyone may spend it.
    static final Bytes OPEN = Bytes.parse("51");

    final ChainParams params;
    final List<ChainEvent> events = new ArrayList<>();
    final ChainState state;

    Forge(ChainParams params) {
        this(params, ChainOptions.DEFAULT);
    }

    Forge(ChainParams params, ChainOptions options) {
        this(params, options, new MemoryKeyValueStore(), new MemoryBlockStore());
        state.start(NOW);
    }

    /// A chain state that is not started.
    Forge(ChainParams params, ChainOptions options, KeyValueStore database, BlockStore blocks) {
        this(params, options, database, blocks, new InlineScriptVerifier());
    }

    /// A chain state that is not started.
    Forge(
            ChainParams params,
            ChainOptions options,
            KeyValueStore database,
            BlockStore blocks,
            ScriptVerifier scripts) {
        this.params = params;
        var stores = new ChainStores(database, blocks);
        state =
                new ChainState(
                        new ConsensusRules(params),
                        options,
                        stores,
                        scripts,
                        events::add,
                        Log.NONE);
    }

    HeaderNode tip() {
        return state.chain().tip();
    }

    Optional<BlockFailure> submit(Block block) {
        return state.submitBlock(new ChainCommand.SubmitBlock(PEER, block, true), NOW).failure();
    }

    /// The reason why a block is refused; empty if it is not.
    String refusal(Block block) {
        return submit(block).map(BlockFailure::reason).orElse("");
    }

    /// Mines empty blocks on the tip.
    void mine(int count) {
        for (int i = 0; i < count; i++) {
            submit(block(tip(), List.of()))
                    .ifPresent(
                            failure -> {
                                throw new IllegalStateException("refused: " + failure);
                            });
        }
    }

    /// A valid block on top of `parent`, if the transactions are and pay no fees.
    Block block(HeaderNode parent, List<Transaction> txs) {
        return block(parent.header(), coinbase(parent.height() + 1, 0, 0), txs);
    }

    Block block(HeaderNode parent, Transaction coinbase, List<Transaction> txs) {
        return block(parent.header(), coinbase, txs);
    }

    Block block(BlockHeader parent, Transaction coinbase, List<Transaction> txs) {
        var all = new ArrayList<Transaction>();
        all.add(coinbase);
        all.addAll(txs);
        long time = parent.time() + 60;
        long bits = params.genesis().header().bits();
        var draft = new BlockHeader(0x20000000, parent.hash(), Digest256.ZERO, time, bits, 0);
        if (txs.stream().anyMatch(Transaction::hasWitness)) {
            all.set(0, committing(coinbase, Block.of(draft, all)));
        }
        Digest256 root = MerkleRoot.of(Block.of(draft, all)).root();
        BlockHeader header = new BlockHeader(draft.version(), draft.parent(), root, time, bits, 0);
        while (!params.hasValidWork(header.hash(), bits)) {
            header = header.withNonce(header.nonce() + 1);
        }
        return Block.of(header, all);
    }

    private static Transaction committing(Transaction coinbase, Block draft) {
        Bytes nonce = Bytes.wrap(new byte[Digest256.BYTES]);
        var outputs = new ArrayList<>(coinbase.outputs());
        outputs.add(new TxOut(0, WitnessCommitment.script(WitnessCommitment.of(draft, nonce))));
        return Transaction.of(
                coinbase.version(),
                coinbase.inputs(),
                outputs,
                List.of(Witness.of(nonce)),
                coinbase.lockTime());
    }

    /// @param unique makes one coinbase differ from another
    /// @param extra satoshis beyond the subsidy
    Transaction coinbase(int height, int unique, long extra) {
        Bytes script =
                BlockCheck.heightPush(height)
                        .plus(Bytes.wrap(new byte[] {0, (byte) unique, (byte) (unique >> 8)}));
        return Transaction.of(
                1,
                List.of(new TxIn(OutPoint.NULL, script, TxIn.SEQUENCE_FINAL)),
                List.of(new TxOut(Subsidy.at(height, params) + extra, OPEN)),
                List.of(),
                0);
    }

    /// Spends an open output.
    static Transaction spend(OutPoint coin, long... values) {
        return spend(1, coin, 0, values);
    }

    static Transaction spend(long version, OutPoint coin, long sequence, long... values) {
        var outputs = new ArrayList<TxOut>();
        for (long value : values) {
            outputs.add(new TxOut(value, OPEN));
        }
        // Padded, for a transaction of 64 bytes is another matter.
        outputs.add(new TxOut(0, Bytes.parse("6a03616263")));
        return Transaction.of(
                version, List.of(new TxIn(coin, Bytes.EMPTY, sequence)), outputs, List.of(), 0);
    }

    /// The coin of a coinbase on the active chain.
    OutPoint coinbaseOf(int height) {
        HeaderNode node = state.chain().tip().ancestor(height);
        return out(block(node).transactions().getFirst());
    }

    private Block block(@Nullable HeaderNode node) {
        if (node == null) {
            throw new IllegalArgumentException("no block of that height");
        }
        return state.block(node).orElseThrow();
    }

    /// The first output.
    static OutPoint out(Transaction tx) {
        return new OutPoint(tx.txid(), 0);
    }

    /// The hash of all coins.
    CoinsSummary coins() {
        state.flush(NOW);
        return CoinsSummary.of(state.coinsStore());
    }
}
