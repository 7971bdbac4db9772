package weft.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import weft.chain.ChainOptions;
import weft.chain.ChainStores;
import weft.chain.InlineScriptVerifier;
import weft.chain.api.Origin;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.crypto.Sha256;
import weft.mempool.AcceptResult;
import weft.mempool.MempoolOptions;
import weft.mining.TemplateOptions;
import weft.node.ChainEngine;
import weft.p2p.PeerCommand;
import weft.p2p.PeerInput;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.primitives.codec.ByteWriter;
import weft.primitives.log.Log;

/// The chain that a world begins with, and coins in it that make payments: each node is born with a copy of
/// its blocks, as if it had been on yesterday.
public final class Treasury {
    /// Blocks after which a coinbase may be spent.
    private static final int MATURITY = 100;

    private static final int COINBASES = 4;
    private static final int COINS_A_TRANSACTION = 250;

    /// How many payments can be made.
    public static final int COINS = COINBASES * COINS_A_TRANSACTION;

    private static final long FEE = 20_000;
    private static final long PAYMENT_FEE = 4_000;

    /// Makes a payment some 270 bytes long, as the usual one is.
    private static final int OUTPUTS = 4;

    private static final long SEQUENCE = TxIn.SEQUENCE_FINAL - 2;
    private static final long TRIES = 10_000_000;

    /// OP_TRUE, by its hash: standard, and anyone may spend it.
    private static final Bytes ANYONE = Bytes.wrap(new byte[] {0x51});

    /// Most bytes of a script by its hash that are relayed, less some.
    private static final int SCRIPT_MAX = 3_500;

    private static final int PUSH_MAX = 520;

    private final MemoryKeyValueStore database = new MemoryKeyValueStore();
    private final MemoryBlockStore blocks = new MemoryBlockStore();

    /// What a coin is spent with.
    private final Bytes key;

    private final Queue<Coin> coins = new ArrayDeque<>();

    private record Coin(OutPoint at, long value) {}

    /// A chain of some 105 blocks whose last is a minute old when a world begins, and 1,000 coins.
    public Treasury() {
        this(ANYONE);
    }

    /// One whose payments are longer: some 3,800 bytes, so that few fill a block.
    public static Treasury ofLongPayments() {
        var script = new ByteWriter();
        while (script.size() + PUSH_MAX + 5 < SCRIPT_MAX) {
            // OP_PUSHDATA2, OP_DROP
            script.u8(0x4d).u16(PUSH_MAX).bytes(new byte[PUSH_MAX]).u8(0x75);
        }
        return new Treasury(Bytes.wrap(script.u8(0x51).toByteArray()));
    }

    private Treasury(Bytes key) {
        this.key = key;
        var engine =
                new ChainEngine(
                        new ChainEngine.Parts(
                                ChainParams.of(Network.REGTEST),
                                ChainOptions.DEFAULT,
                                MempoolOptions.DEFAULT,
                                TemplateOptions.DEFAULT,
                                new ChainStores(database, blocks),
                                new InlineScriptVerifier(),
                                Log.NONE));
        var now = new Now(0, World.BEGIN.minusSeconds(60));
        engine.start(now, _ -> {});
        List<BlockHash> found = engine.mine(COINBASES + MATURITY, script(), TRIES);
        for (BlockHash each : found.subList(0, COINBASES)) {
            Transaction coinbase =
                    engine.chain()
                            .block(
                                    Check.present(
                                            engine.chain().headers().find(each), "it was found"))
                            .orElseThrow()
                            .transactions()
                            .getFirst();
            split(engine, coinbase);
        }
        engine.mine(1, script(), TRIES);
        engine.chain().flush(now);
    }

    private void split(ChainEngine engine, Transaction coinbase) {
        long each = (coinbase.outputs().getFirst().value() - FEE) / COINS_A_TRANSACTION;
        var outputs = new ArrayList<TxOut>();
        for (int i = 0; i < COINS_A_TRANSACTION; i++) {
            outputs.add(new TxOut(each, script(key)));
        }
        Transaction tx = spend(new OutPoint(coinbase.txid(), 0), outputs, ANYONE);
        AcceptResult result = engine.submitTx(Origin.SELF, tx);
        Check.state(result instanceof AcceptResult.Accepted, "a valid transaction: " + result);
        for (int i = 0; i < COINS_A_TRANSACTION; i++) {
            coins.add(new Coin(new OutPoint(tx.txid(), i), each));
        }
    }

    private static Transaction spend(OutPoint coin, List<TxOut> outputs, Bytes key) {
        return Transaction.of(
                2,
                List.of(new TxIn(coin, Bytes.EMPTY, SEQUENCE)),
                outputs,
                List.of(Witness.of(key)),
                0);
    }

    /// What pays to anyone who asks; miners may use it.
    public static Bytes script() {
        return script(ANYONE);
    }

    private static Bytes script(Bytes key) {
        byte[] hash = Sha256.hash(key.toByteArray());
        byte[] script = new byte[hash.length + 2];
        script[1] = (byte) hash.length;
        System.arraycopy(hash, 0, script, 2, hash.length);
        return Bytes.wrap(script);
    }

    /// The disk of a node that is born now.
    ChainStores copy() {
        return new ChainStores(database.copy(), blocks.copy());
    }

    /// A payment of usual length that nobody has seen yet, of a coin that was not spent yet.
    public Transaction payment() {
        Coin coin = coins.remove();
        long each = (coin.value - PAYMENT_FEE) / OUTPUTS;
        return spend(coin.at, Collections.nCopies(OUTPUTS, new TxOut(each, script())), key);
    }

    /// A node's own user makes a payment.
    public Txid pay(SimNode from) {
        return payFrom(from).txid();
    }

    /// A node's own user makes a payment, and nobody is to know that it is his.
    ///
    /// @return the payment, which is in no mempool yet
    Transaction payPrivately(SimNode from) {
        Transaction tx = payment();
        from.input(new PeerInput.Command(new PeerCommand.BroadcastPrivately(tx)));
        return tx;
    }

    Transaction payFrom(SimNode from) {
        Transaction tx = payment();
        from.act(
                (engine, now, events) -> {
                    engine.during(now, events);
                    AcceptResult result = engine.submitTx(Origin.SELF, tx);
                    Check.state(result instanceof AcceptResult.Accepted, "valid: " + result);
                });
        from.input(new PeerInput.Command(new PeerCommand.AnnounceTx(tx.wtxid())));
        return tx;
    }
}
