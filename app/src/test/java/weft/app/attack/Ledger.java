package weft.app.attack;

import java.util.ArrayList;
import java.util.List;
import weft.app.WholeNode;
import weft.app.rpc.RpcClient;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.Network;
import weft.consensus.Subsidy;
import weft.consensus.WitnessCommitment;
import weft.mining.Solver;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.primitives.codec.ByteReader;

/// Makes blocks and transactions for the chain of a node, good ones and others.
final class Ledger {
    static final ChainParams PARAMS = ChainParams.of(Network.REGTEST);
    static final long COIN = 50 * Amount.SATOSHIS_PER_BITCOIN;

    /// Anyone may spend it.
    static final Bytes OPEN = Bytes.parse("51");

    private static final int TRIES = 10_000;
    private final WholeNode node;

    Ledger(WholeNode node) {
        this.node = node;
    }

    String tip() {
        return node.call("getbestblockhash").asString();
    }

    int height() {
        return node.call("getblockcount").asInt();
    }

    /// Whether the node has something about a block, be it the header alone.
    boolean knows(BlockHeader header) {
        try {
            node.call("getblockheader", header.hash().toString());
            return true;
        } catch (RpcClient.RpcException e) {
            return false;
        }
    }

    /// Whether the node has stored a block.
    boolean has(Block block) {
        try {
            node.call("getblock", block.hash().toString(), 0);
            return true;
        } catch (RpcClient.RpcException e) {
            return false;
        }
    }

    BlockHeader header(int height) {
        String hash = node.call("getblockhash", height).asString();
        String hex = node.call("getblockheader", hash, false).asString();
        return BlockHeader.read(ByteReader.of(Bytes.parse(hex).toByteArray()));
    }

    /// The coin of a block's coinbase, which has matured where the height is 30 or less.
    OutPoint coin(int height) {
        String hash = node.call("getblockhash", height).asString();
        String txid = node.call("getblock", hash).get("tx").get(0).asString();
        return new OutPoint(Txid.parse(txid), 0);
    }

    /// A block on the tip.
    Block next(List<Transaction> txs) {
        int height = height();
        return on(header(height), height + 1, 0, txs);
    }

    /// A block on any other.
    ///
    /// @param unique tells blocks apart that are the same otherwise
    static Block on(BlockHeader parent, int height, int unique, List<Transaction> txs) {
        long now = System.currentTimeMillis() / 1_000;
        return on(parent, coinbase(height, unique), Math.max(parent.time() + 1, now), txs);
    }

    static Block on(BlockHeader parent, Transaction coinbase, long time, List<Transaction> txs) {
        var all = new ArrayList<Transaction>();
        all.add(coinbase);
        all.addAll(txs);
        long bits = PARAMS.genesis().header().bits();
        var draft = new BlockHeader(0x2000_0000, parent.hash(), Digest256.ZERO, time, bits, 0);
        if (txs.stream().anyMatch(Transaction::hasWitness)) {
            all.set(0, committing(coinbase, Block.of(draft, all)));
        }
        Digest256 root = MerkleRoot.of(Block.of(draft, all)).root();
        var header = new BlockHeader(draft.version(), draft.parent(), root, time, bits, 0);
        return Solver.solve(Block.of(header, all), TRIES, PARAMS).orElseThrow();
    }

    private static Transaction committing(Transaction coinbase, Block draft) {
        Bytes nonce = Bytes.wrap(new byte[Digest256.BYTES]);
        var outputs = new ArrayList<>(coinbase.outputs());
        outputs.add(new TxOut(0, WitnessCommitment.script(WitnessCommitment.of(draft, nonce))));
        return Transaction.of(
                1, coinbase.inputs(), outputs, List.of(Witness.of(nonce)), coinbase.lockTime());
    }

    static Transaction coinbase(int height, int unique) {
        byte[] extra = {0, (byte) unique, (byte) (unique >> 8)};
        Bytes script = BlockCheck.heightPush(height).plus(Bytes.wrap(extra));
        return Transaction.of(
                1,
                List.of(new TxIn(OutPoint.NULL, script, TxIn.SEQUENCE_FINAL)),
                List.of(new TxOut(Subsidy.at(height, PARAMS), OPEN)),
                List.of(),
                0);
    }

    /// The first output.
    static OutPoint out(Transaction tx) {
        return new OutPoint(tx.txid(), 0);
    }

    /// Spends open coins, each input with nothing to show; longer than the 64 bytes that nobody relays.
    static Transaction spend(OutPoint coin, long... values) {
        return spend(List.of(coin), values);
    }

    static Transaction spend(List<OutPoint> coins, long... values) {
        var outputs = new ArrayList<TxOut>();
        for (long value : values) {
            outputs.add(new TxOut(value, OPEN));
        }
        outputs.add(new TxOut(0, Bytes.parse("6a03616263")));
        return Transaction.of(
                2,
                coins.stream().map(each -> new TxIn(each, Bytes.EMPTY, 0)).toList(),
                outputs,
                List.of(),
                0);
    }
}
