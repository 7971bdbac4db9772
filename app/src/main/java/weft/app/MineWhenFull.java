package weft.app;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.node.NodeRunner;
import weft.chain.api.ChainEvent;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.node.ChainEngine;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.log.Log;

/// The miner of a classroom: it makes a block as soon as its mempool holds so many transactions
/// (`-minewhenmempool`, `-mineaddress`). Only on regtest, where a block costs two hashes.
final class MineWhenFull {
    /// More would not fit in a mempool that a demonstration fills by hand.
    private static final long THRESHOLD_MAX = 100_000;

    private static final long TRIES_MAX = 1_000_000;

    private final int threshold;
    private final Bytes payTo;
    private final Log log;
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private volatile Optional<NodeRunner> runner = Optional.empty();

    private MineWhenFull(int threshold, Bytes payTo, Log log) {
        this.threshold = threshold;
        this.payTo = payTo;
        this.log = log;
    }

    /// What the options ask for; empty if they do not.
    ///
    /// @throws ArgsFault if they make no sense, or on a network of others
    static Optional<MineWhenFull> of(Args args, ChainParams params, Log log) {
        if (!args.isSet("minewhenmempool")) {
            if (args.isSet("mineaddress")) {
                throw new ArgsFault("-mineaddress needs -minewhenmempool");
            }
            return Optional.empty();
        }
        if (params.network() != Network.REGTEST) {
            throw new ArgsFault("-minewhenmempool is for regtest only");
        }
        long threshold = args.number("minewhenmempool", 0);
        if (threshold < 1 || threshold > THRESHOLD_MAX) {
            throw new ArgsFault("-minewhenmempool must be 1 to " + THRESHOLD_MAX);
        }
        String address =
                args.text("mineaddress")
                        .orElseThrow(() -> new ArgsFault("-minewhenmempool needs -mineaddress"));
        try {
            Bytes script = Address.parse(address, params.addressPrefixes()).scriptPubKey();
            return Optional.of(new MineWhenFull((int) threshold, script, log));
        } catch (AddressFault e) {
            throw new ArgsFault("-mineaddress is no address of this network: " + address);
        }
    }

    /// From now on blocks are made.
    void attach(NodeRunner node) {
        runner = Optional.of(node);
        wake();
    }

    /// To be called on the chain's thread: the block is made when the event's cause is done with.
    void onChainEvent(ChainEvent event) {
        if (event instanceof ChainEvent.TxAccepted) {
            wake();
        }
    }

    private void wake() {
        if (runner.isPresent() && isWoken.compareAndSet(false, true)) {
            Thread.ofVirtual().name("weft-mine").start(this::mine);
        }
    }

    private void mine() {
        isWoken.set(false);
        try {
            runner.ifPresent(node -> node.chain().ask(this::mine));
        } catch (IllegalStateException e) {
            // The node stops: no more blocks.
        }
    }

    private boolean mine(ChainEngine engine) {
        int count = engine.mempool().size();
        if (count < threshold) {
            return false;
        }
        engine.mine(1, payTo, TRIES_MAX)
                .forEach(
                        hash ->
                                log.info(
                                        "Mined block "
                                                + hash
                                                + " because the mempool had "
                                                + count
                                                + " transactions"));
        return true;
    }
}
