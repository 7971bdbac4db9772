package weft.chain;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.store.StoreException;
import weft.consensus.ChainParams;
import weft.primitives.BlockHash;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.log.Log;

/// A chain that begins with a snapshot of all coins (Core: assumeutxo): loads the snapshot, validates
/// the chain below it in the background, and in the end either forgets that there was one or stops the
/// node. Owned by the chain's thread.
public final class Snapshots {
    private static final int STEPS_AT_ONCE = 16;

    private final ChainParts parts;
    private final BlockConnector connector;
    private final ChainActivation activation;
    private final Consumer<ChainEvent> out;
    private final Log log;
    private @Nullable BackgroundChain below;

    Snapshots(
            ChainParts parts,
            BlockConnector connector,
            ChainActivation activation,
            Consumer<ChainEvent> out,
            Log log) {
        this.parts = parts;
        this.connector = connector;
        this.activation = activation;
        this.out = out;
        this.log = log;
    }

    /// The block that the snapshot in use belongs to; empty if there is none, or it is proven.
    public Optional<HeaderNode> base() {
        return Optional.ofNullable(below).map(BackgroundChain::base);
    }

    /// The last block validated below the snapshot in use.
    public Optional<HeaderNode> validated() {
        return Optional.ofNullable(below).map(BackgroundChain::tip);
    }

    /// Memory that the coins below the snapshot take, in bytes.
    public long cacheBytes() {
        return below == null ? 0 : below.coins().bytes();
    }

    /// Goes on where the last run ended; after everything else is loaded.
    void start() {
        BlockHash base = parts.mark.base();
        if (base != null) {
            begin(Check.present(parts.tree.find(base), "the mark's block is in the index"));
        }
    }

    private void begin(HeaderNode base) {
        below = new BackgroundChain(parts, connector, activation, parts.mark.other(), base);
        tellProgress(below);
    }

    private void tellProgress(BackgroundChain chain) {
        int validated = HeaderNode.fork(chain.tip(), chain.base()).height();
        parts.pruner.keepHistory(chain.base().height(), validated);
        out.accept(new ChainEvent.HistoryMoved(chain.tip(), chain.base()));
    }

    /// Writes the coins below the snapshot.
    void flush() {
        if (below != null) {
            below.flush();
        }
    }

    /// Why a snapshot cannot be used; in Core's words, empty if it can.
    private Optional<String> obstacle(SnapshotHeader header, boolean hasMempool) {
        BlockHash hash = header.base();
        if (below != null) {
            return Optional.of("Can't activate a snapshot-based chainstate more than once");
        }
        if (parts.mark.known(hash).isEmpty()) {
            String heights =
                    parts.rules.snapshots().stream()
                            .map(each -> Integer.toString(each.height()))
                            .collect(Collectors.joining(", "));
            return Optional.of(
                    "assumeutxo block hash in snapshot metadata not recognized (hash: "
                            + hash
                            + "). The following snapshot heights are available: "
                            + heights);
        }
        BlockEntry entry = parts.tree.entryOrNull(hash);
        if (entry == null) {
            return Optional.of(
                    "The base block header ("
                            + hash
                            + ") must appear in the headers chain. Make sure all headers are "
                            + "syncing, and call loadtxoutset again");
        }
        if (entry.isFailed()) {
            return Optional.of("The base block header (" + hash + ") is part of an invalid chain");
        }
        if (!parts.tree.best().hasAncestor(entry.node())) {
            return Optional.of(
                    "A forked headers-chain with more work than the chain with the snapshot base "
                            + "block header exists. Please proceed to sync without AssumeUtxo.");
        }
        if (hasMempool) {
            return Optional.of("Can't activate a snapshot when mempool not empty");
        }
        if (entry.node().compareWork(parts.chain.tip()) <= 0) {
            return Optional.of("Population failed: Work does not exceed active chainstate");
        }
        return Optional.empty();
    }

    /// Loads a snapshot and makes it the active chain.
    ///
    /// @return why not; in Core's words, empty if it is
    Optional<String> load(SnapshotHeader header, SnapshotReader in, boolean hasMempool, Now now) {
        activation.settle(now);
        Optional<String> obstacle = obstacle(header, hasMempool);
        if (obstacle.isPresent()) {
            return obstacle;
        }
        ChainParams.AssumeUtxo expected = parts.mark.known(header.base()).orElseThrow();
        CoinsStore store = parts.mark.other();
        store.wipe();
        Optional<String> refused = new SnapshotLoad(in, header, store, log).run(expected);
        if (refused.isPresent()) {
            store.wipe();
            return refused.map(why -> "Population failed: " + why);
        }
        activate(parts.tree.entry(Check.present(parts.tree.find(header.base()), "checked")), now);
        return Optional.empty();
    }

    private void activate(BlockEntry base, Now now) {
        HeaderNode before = parts.chain.tip();
        parts.storage.writeAll(before.hash(), true);
        parts.mark.begin(base.node().hash());
        parts.coins.clear();
        parts.mark.assume(parts.tree);
        parts.chain.setTip(base.node());
        parts.candidates.pruneBelow(base);
        for (BlockEntry each : parts.tree.entries()) {
            BlockEntry parent = each.parent();
            boolean joins = parent != null && parent.isBranchComplete();
            if (joins && each.txCount() > 0 && !each.isBranchComplete()) {
                parts.candidates.received(each, base);
            }
        }
        log.info("[snapshot] successfully activated snapshot " + base.node().hash());
        begin(base.node());
        boolean initial = parts.download.isRunning(base.node(), now);
        HeaderNode fork = HeaderNode.fork(before, base.node());
        out.accept(new ChainEvent.TipChanged(before, base.node(), fork, initial));
        activation.activate(null, now);
    }

    /// Validates some blocks below the snapshot, if they are here.
    ///
    /// @return whether there is more to do at once
    /// @throws StoreException if the snapshot was wrong: the node cannot go on
    boolean step(Now now) {
        BackgroundChain chain = below;
        if (chain == null || !(chain.canStep() || chain.isDone())) {
            return false;
        }
        // The scripts of both chains go through one verifier.
        activation.settle(now);
        for (int i = 0; i < STEPS_AT_ONCE && chain.canStep(); i++) {
            Optional<BlockFailure> failure = chain.step();
            if (failure.isPresent()) {
                log.error("[snapshot] a block below the snapshot is invalid: " + failure.get());
                throw reject(chain);
            }
        }
        if (chain.isDone()) {
            complete(chain);
            return false;
        }
        tellProgress(chain);
        return chain.canStep();
    }

    private void complete(BackgroundChain chain) {
        chain.flush();
        log.info(
                "[snapshot] computing UTXO stats for background chainstate to validate snapshot - "
                        + "this could take a few minutes");
        BlockHash base = chain.base().hash();
        String expected = parts.mark.known(base).orElseThrow().hashSerialized();
        String actual = CoinsSummary.of(chain.store()).hashSerialized().toString();
        if (!actual.equals(expected)) {
            log.info("[snapshot] hash mismatch: actual=" + actual + ", expected=" + expected);
            throw reject(chain);
        }
        log.info("[snapshot] snapshot beginning at " + base + " has been fully validated");
        below = null;
        parts.mark.prove();
        parts.pruner.keepHistory(0, 0);
        out.accept(new ChainEvent.HistoryMoved(chain.base(), chain.base()));
    }

    private StoreException reject(BackgroundChain chain) {
        int height = chain.base().height();
        String why =
                "weft failed to validate the -assumeutxo snapshot state. This indicates a hardware "
                        + "problem, or a bug in the software, or a bad software modification that "
                        + "allowed an invalid snapshot to be loaded. As a result of this, the node "
                        + "will shut down and stop using any state that was built on the snapshot, "
                        + "resetting the chain height from "
                        + parts.chain.height()
                        + " to "
                        + height
                        + ". On the next restart, the node will resume syncing from "
                        + height
                        + " without using any snapshot data.";
        log.error("[snapshot] !!! " + why);
        log.error("[snapshot] deleting snapshot, reverting to validated chain, and stopping node");
        parts.mark.reject();
        return new StoreException(why);
    }
}
