package weft.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.chain.ChainOptions;
import weft.chain.ChainRules;
import weft.chain.ChainState;
import weft.chain.ChainStores;
import weft.chain.ConsensusRules;
import weft.chain.ScriptVerifier;
import weft.chain.SubmitResult;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.consensus.ChainParams;
import weft.mempool.AcceptResult;
import weft.mempool.FeeRate;
import weft.mempool.Mempool;
import weft.mempool.MempoolAcceptor;
import weft.mempool.MempoolCheck;
import weft.mempool.MempoolEntry;
import weft.mempool.MempoolImport;
import weft.mempool.MempoolOptions;
import weft.mempool.MempoolUpdater;
import weft.mempool.PackageResult;
import weft.mempool.fees.FeeEstimator;
import weft.mempool.fees.NextBlockEstimator;
import weft.mining.BlockTemplate;
import weft.mining.Solver;
import weft.mining.TemplateBuilder;
import weft.mining.TemplateOptions;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.primitives.log.Log;

/// The half of a node that knows the chain: chain state, mempool and miner, which must always agree and so
/// share one thread. Takes [ChainCommand]s, answers with [ChainEvent]s.
///
/// One owner: in the program the thread "weft-chain", in the simulator its only thread.
public final class ChainEngine {
    private static final TxFailure SAME_BUT_WITNESS =
            new TxFailure(TxFailure.Kind.CONFLICT, "txn-same-nonwitness-data-in-mempool", "");

    private static final TxFailure OTHERS_FAILED =
            new TxFailure(TxFailure.Kind.MEMPOOL_POLICY, "package-failed", "");

    private final ChainParams params;
    private final ChainState chain;
    private final Mempool mempool;
    private final MempoolAcceptor acceptor;
    private final MempoolUpdater updater;
    private final TemplateBuilder templates;
    private final MempoolNews news;
    private final FeeFollower fees;
    private @Nullable LastTemplate lastTemplate;
    private Consumer<ChainEvent> out = event -> {};
    private Now now = new Now(0, java.time.Instant.EPOCH);
    private final NextBlockRates nextBlockRates;
    private int checkEvery;
    private int unchecked;

    /// What an engine is made of.
    ///
    /// @param stores are not closed by the engine
    public record Parts(
            ChainParams params,
            ChainOptions chainOptions,
            MempoolOptions mempoolOptions,
            TemplateOptions templates,
            ChainStores stores,
            ScriptVerifier scripts,
            Log log) {}

    /// An engine that is not started.
    public ChainEngine(Parts parts) {
        this.params = parts.params;
        this.mempool = new Mempool(parts.mempoolOptions, parts.log, this::onRemoved);
        ChainRules rules = new ConsensusRules(params, parts.chainOptions.checkpoints());
        this.chain =
                new ChainState(
                        rules,
                        parts.chainOptions,
                        parts.stores,
                        parts.scripts,
                        this::onChainEvent,
                        parts.log);
        this.news = new MempoolNews(mempool);
        this.fees = new FeeFollower(mempool, chain);
        this.acceptor = new MempoolAcceptor(mempool, params, chain.coins(), parts.scripts);
        this.updater =
                new MempoolUpdater(
                        mempool,
                        acceptor,
                        chain.coins(),
                        back -> out.accept(accepted(Origin.CHAIN, back)));
        this.templates = new TemplateBuilder(params, parts.templates);
        this.nextBlockRates = new NextBlockRates(mempool, templates);
    }

    /// Loads the chain and connects what is left to connect; this or [#begin] comes before anything
    /// else.
    public void start(Now time, Consumer<ChainEvent> events) {
        during(time, events);
        news.start(now);
        chain.start(now);
    }

    /// Loads the chain; what is left to connect is done by [#work].
    public void begin(Now time, Consumer<ChainEvent> events) {
        during(time, events);
        news.start(now);
        chain.begin(now);
    }

    /// Does a little of what is left to do unasked, while nothing else is asked.
    ///
    /// @return whether there is more
    public boolean work(Now time, Consumer<ChainEvent> events) {
        during(time, events);
        return chain.work(now);
    }

    /// Does what is asked; the answers go to `events`.
    public void handle(ChainCommand command, Now time, Consumer<ChainEvent> events) {
        during(time, events);
        switch (command) {
            case ChainCommand.SubmitHeaders headers -> chain.submitHeaders(headers, now);
            case ChainCommand.SubmitBlock block -> chain.submitBlock(block, now);
            case ChainCommand.SubmitTx(Origin origin, Transaction tx) -> {
                chain.settle(now);
                submitTx(origin, tx);
            }
            case ChainCommand.TestTx(Origin origin, List<Transaction> txs) -> {
                chain.settle(now);
                test(origin, txs);
            }
            case ChainCommand.SubmitPackage each -> {
                chain.settle(now);
                submitPackage(each, null);
            }
            case ChainCommand.NoteServed(Origin _, Txid txid) -> mempool.noteBroadcast(txid);
            case ChainCommand.FetchBlock fetch -> chain.fetchBlock(fetch, now);
        }
    }

    /// Waits for what earlier commands left running: scripts of blocks in initial download. Must come before
    /// any use of [#chain] and of the methods below, and whenever there is nothing else to do.
    public void settle(Now time, Consumer<ChainEvent> events) {
        during(time, events);
        chain.settle(now);
    }

    /// Says where the events of the next calls go, and what time it is; for callers of [#chain] and of the
    /// methods below.
    public void during(Now time, Consumer<ChainEvent> events) {
        now = time;
        out = events;
    }

    /// To be called once a second or so.
    public void tick(Now time, Consumer<ChainEvent> events) {
        during(time, events);
        chain.tick(now);
        news.tick(now, out);
    }

    private void onChainEvent(ChainEvent event) {
        switch (event) {
            case ChainEvent.BlockConnected each -> {
                onBlockConnected(each);
                return;
            }
            case ChainEvent.BlockDisconnected(HeaderNode _, Block block, boolean isGivenUp) ->
                    updater.onBlockDisconnected(block, isGivenUp);
            case ChainEvent.TipChanged(HeaderNode _, HeaderNode tip, HeaderNode _, boolean _) -> {
                updater.onTip(tip, now);
                checkMempool();
            }
            case ChainEvent.Loaded _,
                    ChainEvent.HeadersAccepted _,
                    ChainEvent.HeadersRejected _,
                    ChainEvent.BlockStored _,
                    ChainEvent.BlockRejected _,
                    ChainEvent.BlocksPruned _,
                    ChainEvent.HistoryMoved _,
                    ChainEvent.HeaderValidity _,
                    ChainEvent.TxAccepted _,
                    ChainEvent.TxRemoved _,
                    ChainEvent.TxRejected _,
                    ChainEvent.TxMissingInputs _,
                    ChainEvent.TxTested _,
                    ChainEvent.PackageJudged _,
                    ChainEvent.TxUnrequested _,
                    ChainEvent.MempoolMinFee _,
                    ChainEvent.BlockFetched _ -> {}
        }
        out.accept(event);
    }

    private void onBlockConnected(ChainEvent.BlockConnected event) {
        Block block = Check.present(event.block(), "the chain tells all");
        updater.onBlockConnected(block, now);
        fees.onBlockConnected(event.node().height(), block);
        out.accept(
                chain.isInitialBlockDownload(now)
                        ? new ChainEvent.BlockConnected(event.node(), null)
                        : event);
    }

    /// Offers a transaction to the mempool.
    public AcceptResult submitTx(Origin origin, Transaction tx) {
        AcceptResult result = acceptor.accept(tx, moment());
        if (result instanceof AcceptResult.Accepted accepted) {
            fees.onEntered(accepted.entry(), true, now);
        }
        tell(origin, tx, result);
        checkMempool();
        return result;
    }

    /// Lets every so manieth change of the mempool be followed by a [MempoolCheck].
    ///
    /// @param changes 1 for all; 0 for none
    public void checkMempoolEvery(int changes) {
        checkEvery = changes;
    }

    private void checkMempool() {
        if (checkEvery > 0 && ++unchecked >= checkEvery) {
            unchecked = 0;
            MempoolCheck.run(mempool, chain.coins(), tip().height() + 1);
        }
    }

    /// Offers a child with its unconfirmed parents, whose fees may count together.
    ///
    /// @param txs parents first, the child last
    /// @param maxRate what the sender would pay at most; null for any
    public PackageResult submitPackage(
            Origin origin, List<Transaction> txs, @Nullable FeeRate maxRate) {
        List<Origin> senders = Collections.nCopies(txs.size(), origin);
        return submitPackage(new ChainCommand.SubmitPackage(origin, txs, senders), maxRate);
    }

    private PackageResult submitPackage(
            ChainCommand.SubmitPackage offered, @Nullable FeeRate maxRate) {
        List<Transaction> txs = offered.txs();
        PackageResult result = acceptor.acceptPackage(txs, maxRate, moment());
        for (int i = 0; i < txs.size(); i++) {
            AcceptResult each = result.results().get(txs.get(i).wtxid());
            if (each != null) {
                if (each instanceof AcceptResult.Accepted accepted) {
                    fees.onEntered(accepted.entry(), false, now);
                }
                tell(offered.senders().get(i), txs.get(i), each);
            }
        }
        var failure = Optional.ofNullable(result.failure()).map(Object::toString);
        out.accept(new ChainEvent.PackageJudged(offered.origin(), txs, failure));
        checkMempool();
        return result;
    }

    private void test(Origin origin, List<Transaction> txs) {
        Transaction tx = txs.getLast();
        AcceptResult result =
                txs.size() == 1 ? testTx(tx) : testPackage(txs).results().get(tx.wtxid());
        Optional<TxFailure> failure =
                switch (result) {
                    case AcceptResult.Accepted _, AcceptResult.Known _ -> Optional.empty();
                    case AcceptResult.Rejected(TxFailure why, var _) -> Optional.of(why);
                    case AcceptResult.OtherWitness _ -> Optional.of(SAME_BUT_WITNESS);
                    case null -> Optional.of(OTHERS_FAILED);
                };
        out.accept(new ChainEvent.TxTested(origin, tx, failure));
    }

    private void tell(Origin origin, Transaction tx, AcceptResult result) {
        switch (result) {
            case AcceptResult.Accepted accepted -> out.accept(accepted(origin, accepted));
            case AcceptResult.Rejected(TxFailure failure, var _) ->
                    out.accept(
                            failure.kind() == TxFailure.Kind.MISSING_INPUTS
                                    ? new ChainEvent.TxMissingInputs(
                                            origin, tx, acceptor.unknownParents(tx))
                                    : new ChainEvent.TxRejected(origin, tx, failure));
            case AcceptResult.OtherWitness _ ->
                    out.accept(new ChainEvent.TxRejected(origin, tx, SAME_BUT_WITNESS));
            case AcceptResult.Known _ -> {}
        }
    }

    private static ChainEvent accepted(Origin origin, AcceptResult.Accepted accepted) {
        MempoolEntry entry = accepted.entry();
        return new ChainEvent.TxAccepted(origin, entry.tx(), entry.fee());
    }

    private MempoolAcceptor.Moment moment() {
        return new MempoolAcceptor.Moment(tip(), now);
    }

    /// Judges a transaction without taking it in.
    public AcceptResult testTx(Transaction tx) {
        return acceptor.test(tx, moment());
    }

    /// Judges several transactions, parents first, without taking them in.
    public PackageResult testPackage(List<Transaction> txs) {
        return acceptor.testPackage(txs, moment());
    }

    /// Does a part of an import; to be called until it is done.
    ///
    /// @param count transactions to offer
    public void work(MempoolImport load, int count) {
        load.work(
                mempool,
                acceptor,
                moment(),
                count,
                entered -> {
                    fees.onEntered(entered.entry(), true, now);
                    out.accept(accepted(Origin.SELF, entered));
                });
    }

    private void onRemoved(MempoolEntry entry, ChainEvent.RemovalReason reason) {
        fees.onRemoved(entry, reason);
        out.accept(new ChainEvent.TxRemoved(entry.txid(), reason));
    }

    /// What is known of the fees that get transactions into blocks.
    public FeeEstimator fees() {
        return fees.estimator();
    }

    /// Whether the mempool is like that of the miners, so that [#nextBlockRates] mean something.
    public NextBlockEstimator.Health nextBlockHealth() {
        return fees.nextBlock().health();
    }

    /// What a block of this mempool would ask for; at most some seconds old.
    public NextBlockEstimator.Rates nextBlockRates() {
        return nextBlockRates.get(tip(), now);
    }

    /// Goes on with what an earlier run learnt of fees; comes before any block or transaction.
    public void useFees(FeeEstimator earlier) {
        fees.use(earlier);
    }

    /// Lets what waits for its time think that so much passed; for tests.
    public void forward(Duration span) {
        news.forward(span);
    }

    /// Takes in a block of this node's own miner or operator.
    public SubmitResult submitBlock(Block block) {
        return chain.submitBlock(new ChainCommand.SubmitBlock(Origin.SELF, block, true), now);
    }

    /// Takes in a header of this node's own operator.
    ///
    /// @return why it is not accepted; empty if it is
    public Optional<BlockFailure> submitHeader(BlockHeader header) {
        var refused = new ArrayList<BlockFailure>();
        Consumer<ChainEvent> hearers = out;
        out =
                event -> {
                    if (event instanceof ChainEvent.HeadersRejected rejected) {
                        refused.add(rejected.failure());
                    }
                    hearers.accept(event);
                };
        chain.submitHeaders(
                new ChainCommand.SubmitHeaders(Origin.SELF, List.of(header), true), now);
        out = hearers;
        return refused.stream().findFirst();
    }

    /// A block that could be mined now.
    ///
    /// @param payTo script of the output that gets subsidy and fees
    public BlockTemplate template(Bytes payTo) {
        BlockTemplate template = templates.build(tip(), mempool, payTo, now);
        lastTemplate = new LastTemplate(template.entries().size(), template.countedWeight());
        return template;
    }

    /// What the last template came to; null before the first.
    public @Nullable LastTemplate lastTemplate() {
        return lastTemplate;
    }

    /// What a template came to.
    ///
    /// @param transactions without the coinbase
    /// @param weight with what is kept for header and coinbase
    public record LastTemplate(int transactions, long weight) {}

    /// A block with just these transactions, whatever the mempool has.
    ///
    /// @param fees of all of them in satoshis
    public Block assemble(List<Transaction> transactions, Bytes payTo, long fees) {
        return templates.assemble(tip(), transactions, payTo, fees, now);
    }

    /// Mines blocks on the active chain, where proof of work is cheap.
    ///
    /// @param triesMax hashes to try in all
    /// @return hashes of the blocks found, maybe fewer than asked for
    public List<BlockHash> mine(int blocks, Bytes payTo, long triesMax) {
        var found = new ArrayList<BlockHash>();
        long tries = triesMax;
        while (found.size() < blocks && tries > 0) {
            Optional<Block> solved = Solver.solve(template(payTo).block(), tries, params);
            if (solved.isEmpty()) {
                break;
            }
            tries -= solved.get().header().nonce() + 1;
            SubmitResult result = submitBlock(solved.get());
            Check.state(
                    result.failure().isEmpty(), "our own blocks are valid: " + result.failure());
            found.add(solved.get().hash());
        }
        return List.copyOf(found);
    }

    /// The network's parameters.
    public ChainParams params() {
        return params;
    }

    /// The chain; whoever changes something through it calls [#during] before.
    public ChainState chain() {
        return chain;
    }

    /// The header of the active chain's last block.
    public HeaderNode tip() {
        return chain.chain().tip();
    }

    /// The transactions that wait.
    public Mempool mempool() {
        return mempool;
    }

    /// Limits of the mempool.
    public MempoolOptions mempoolOptions() {
        return mempool.options();
    }

    /// The time of the call that is being handled.
    public Now now() {
        return now;
    }
}
