package weft.mempool;

import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.CoinsView;
import weft.chain.ScriptVerifier;
import weft.chain.api.ChainEvent.RemovalReason;
import weft.chain.api.HeaderNode;
import weft.chain.api.TxFailure;
import weft.consensus.BlockScriptFlags;
import weft.consensus.ChainParams;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.primitives.log.LogCategory;

/// Decides what comes into the mempool, one transaction or several together: first what is cheap to check,
/// last the scripts. Rules, order and words are those of Bitcoin Core 28.1.
///
/// Called by the chain engine, on its thread.
public final class MempoolAcceptor {
    private final Mempool mempool;
    private final ChainParams params;
    private final PoolCoins coins;
    private final PreChecks preChecks;
    private final ChainLimits limits;
    private final Replacement replacement;
    private final ScriptPasses scripts;
    private final PoolLimiter limiter;
    private Subpackage shared = new Subpackage();

    /// @param coins of the active chain
    public MempoolAcceptor(
            Mempool mempool, ChainParams params, CoinsView coins, ScriptVerifier scripts) {
        this.mempool = mempool;
        this.params = params;
        this.coins = new PoolCoins(mempool, coins);
        this.limits = new ChainLimits(mempool);
        this.preChecks = new PreChecks(mempool, limits, this.coins);
        this.replacement = new Replacement(mempool);
        this.scripts = new ScriptPasses(scripts);
        this.limiter = new PoolLimiter(mempool);
    }

    /// The block that the next one stands on, and the time.
    ///
    /// @param seconds when a transaction is said to have come, since 1970
    public record Moment(HeaderNode tip, Now now, long seconds) {
        /// What comes, comes now.
        public Moment(HeaderNode tip, Now now) {
            this(tip, now, now.unixSeconds());
        }
    }

    /// Takes a transaction in if it may come.
    public AcceptResult accept(Transaction tx, Moment at) {
        return single(tx, AcceptTerms.single(false, false), at);
    }

    /// Judges a transaction and leaves the mempool as it is.
    public AcceptResult test(Transaction tx, Moment at) {
        return single(tx, AcceptTerms.single(false, true), at);
    }

    /// Takes a transaction in that a disconnected block gave back: fees and room do not matter.
    AcceptResult acceptAgain(Transaction tx, Moment at) {
        return single(tx, AcceptTerms.single(true, false), at);
    }

    /// Judges several transactions, parents first, and leaves the mempool as it is.
    public PackageResult testPackage(List<Transaction> txs, Moment at) {
        return together(txs, AcceptTerms.packageTest(), at);
    }

    /// Takes in a child with its unconfirmed parents, whose fees may count together: what `submitpackage`
    /// does, and a relay that got a parent with the child that pays for it.
    ///
    /// @param txs parents first, the child last
    /// @param maxRate what the sender would pay at most; null for any
    public PackageResult acceptPackage(
            List<Transaction> txs, @Nullable FeeRate maxRate, Moment at) {
        var attempt = new PackageAttempt(this, mempool, coins, limiter);
        return attempt.run(txs, AcceptTerms.childWithParents(maxRate), at);
    }

    /// Transactions that a transaction spends and nobody here knows.
    public List<Txid> unknownParents(Transaction tx) {
        return preChecks.unknownParents(tx);
    }

    private void begin() {
        shared = new Subpackage();
        coins.reset();
    }

    AcceptResult single(Transaction tx, AcceptTerms terms, Moment at) {
        begin();
        AcceptResult result = judge(tx, terms, at);
        begin();
        return result;
    }

    private AcceptResult judge(Transaction tx, AcceptTerms terms, Moment at) {
        var candidate = new Candidate(tx);
        TxFailure failure = preChecks.check(candidate, terms, at);
        if (failure != null) {
            return rejected(candidate, failure);
        }
        shared.replaces = !candidate.conflicts.isEmpty();
        failure = checkMaxRate(candidate, terms);
        if (failure == null && shared.replaces) {
            failure = checkReplacement(candidate);
        }
        Transaction careless = EphemeralDust.findUnspent(List.of(tx), mempool);
        if (failure == null && careless != null && !terms.bypassLimits()) {
            failure = EphemeralDust.failure(careless);
        }
        if (failure == null) {
            failure = scripts.checkPolicy(tx, candidate.spent);
        }
        if (failure == null) {
            failure = scripts.checkConsensus(tx, candidate.spent, blockFlags(at.tip));
        }
        if (failure != null) {
            return rejected(candidate, failure);
        }
        var effective = new AcceptResult.Effective(candidate.rate(), List.of(candidate.tx.wtxid()));
        if (terms.testOnly()) {
            return new AcceptResult.Accepted(candidate.entry(), effective, List.of());
        }
        if (!finish(candidate, terms, at)) {
            return rejected(
                    candidate, new TxFailure(TxFailure.Kind.RECONSIDERABLE, "mempool full", ""));
        }
        mempool.countArrival();
        logReplaced(candidate.modifiedFee, candidate.vsize, "1 new transaction");
        return new AcceptResult.Accepted(candidate.entry(), effective, shared.takeReplaced());
    }

    private int blockFlags(HeaderNode tip) {
        return BlockScriptFlags.of(tip.hash(), tip.height() + 1, params);
    }

    private static AcceptResult rejected(Candidate candidate, TxFailure failure) {
        return new AcceptResult.Rejected(
                failure,
                failure.kind() == TxFailure.Kind.RECONSIDERABLE
                        ? new AcceptResult.Effective(
                                candidate.rate(), List.of(candidate.tx.wtxid()))
                        : null);
    }

    private static @Nullable TxFailure checkMaxRate(Candidate candidate, AcceptTerms terms) {
        FeeRate most = terms.maxRate();
        return most != null && candidate.rate().compareTo(most) > 0
                ? PreChecks.policy("max feerate exceeded", "")
                : null;
    }

    private @Nullable TxFailure checkReplacement(Candidate candidate) {
        Transaction tx = candidate.tx;
        List<MempoolEntry> direct = direct(candidate);
        String sibling = candidate.evictsSibling ? " (including sibling eviction)" : "";
        String problem = replacement.paysMore(direct, candidate.rate(), tx.txid());
        if (problem != null) {
            return insufficient(sibling, problem);
        }
        problem = replacement.tooMany(direct, tx.txid());
        if (problem != null) {
            return PreChecks.policy("too many potential replacements" + sibling, problem);
        }
        List<MempoolEntry> all = replacement.withDescendants(direct);
        problem = replacement.addsUnconfirmed(tx, all);
        if (problem != null) {
            return PreChecks.policy("replacement-adds-unconfirmed" + sibling, problem);
        }
        shared.setConflicts(all, mempool);
        problem =
                replacement.paysTooLittle(
                        shared.conflictFees, candidate.modifiedFee, candidate.vsize, tx.txid());
        return problem == null ? null : insufficient(sibling, problem);
    }

    private static TxFailure insufficient(String sibling, String problem) {
        return new TxFailure(TxFailure.Kind.RECONSIDERABLE, "insufficient fee" + sibling, problem);
    }

    private List<MempoolEntry> direct(Candidate candidate) {
        return candidate.conflicts.stream().map(preChecks::entry).toList();
    }

    /// Takes a candidate in.
    ///
    /// @return whether it is there after room was made
    private boolean finish(Candidate candidate, AcceptTerms terms, Moment at) {
        MempoolEntry entry = candidate.entry();
        var doomed = new Slots();
        for (MempoolEntry old : shared.allConflicts) {
            mempool.log()
                    .debug(
                            LogCategory.MEMPOOL,
                            () ->
                                    "replacing mempool tx "
                                            + describe(old)
                                            + ". New tx "
                                            + describe(entry));
            shared.noteReplaced(old.tx());
            doomed.add(old.slot);
        }
        mempool.removeWithDescendants(doomed, RemovalReason.REPLACED);
        shared.allConflicts = List.of();
        mempool.add(entry);
        if (!terms.packageSubmission() && !terms.bypassLimits()) {
            limiter.limit(at.now);
            return mempool.contains(entry.txid());
        }
        return true;
    }

    private static String describe(MempoolEntry entry) {
        return entry.txid()
                + " (wtxid="
                + entry.tx().wtxid()
                + ", fees="
                + entry.fee()
                + ", vsize="
                + entry.vsize()
                + ")";
    }

    private void logReplaced(long fees, long vsize, String by) {
        if (shared.hasReplaced()) {
            String line =
                    "replaced "
                            + shared.replacedCount()
                            + " mempool transactions with "
                            + by
                            + " for "
                            + (fees - shared.conflictFees)
                            + " additional fees, "
                            + (vsize - shared.conflictVsize)
                            + " delta bytes";
            mempool.log().debug(LogCategory.MEMPOOL, () -> line);
        }
    }

    /// Judges several together, and takes them in if that is wanted.
    PackageResult together(List<Transaction> txs, AcceptTerms terms, Moment at) {
        begin();
        PackageResult result = several(txs, terms, at);
        begin();
        return result;
    }

    private PackageResult several(List<Transaction> txs, AcceptTerms terms, Moment at) {
        PackageResult.PackageFailure malformed = PackageForm.check(txs);
        if (malformed != null) {
            return PackageResult.failed(malformed);
        }
        var candidates = txs.stream().map(Candidate::new).toList();
        for (Candidate candidate : candidates) {
            TxFailure failure = preChecks.check(candidate, terms, at);
            failure = failure == null ? checkMaxRate(candidate, terms) : failure;
            if (failure != null) {
                return ofOne(candidate.tx, new AcceptResult.Rejected(failure, null));
            }
            shared.replaces |= !candidate.conflicts.isEmpty();
            coins.add(candidate.tx);
        }
        for (Candidate candidate : candidates) {
            String problem = TrucPolicy.checkInPackage(candidate, txs, mempool);
            if (problem != null) {
                return failedPolicy("TRUC-violation", problem);
            }
            shared.totalFees += candidate.modifiedFee;
            shared.totalVsize += candidate.vsize;
        }
        var effective =
                new AcceptResult.Effective(
                        FeeRate.of(shared.totalFees, shared.totalVsize),
                        txs.stream().map(Transaction::wtxid).toList());
        TxFailure tooCheap =
                terms.packageRates()
                        ? preChecks.checkRate(
                                shared.totalFees, shared.totalVsize, at.now.unixSeconds())
                        : null;
        if (tooCheap != null) {
            return ofOne(txs.getLast(), new AcceptResult.Rejected(tooCheap, effective));
        }
        PackageResult refused = txs.size() > 1 ? checkTogether(txs, candidates) : null;
        return refused == null ? runScripts(candidates, terms, at, effective) : refused;
    }

    private static PackageResult ofOne(Transaction tx, AcceptResult result) {
        var results = new LinkedHashMap<Wtxid, AcceptResult>();
        results.put(tx.wtxid(), result);
        return PackageResult.failed(PackageResult.PackageFailure.OF_TRANSACTION, results);
    }

    private static PackageResult failedPolicy(String reason, String detail) {
        return PackageResult.failed(PackageResult.PackageFailure.policy(reason, detail));
    }

    private @Nullable PackageResult checkTogether(
            List<Transaction> txs, List<Candidate> candidates) {
        String broken = limits.ofPackage(txs, shared.totalVsize);
        if (broken != null) {
            return failedPolicy("package-mempool-limits", broken);
        }
        PackageResult refused = shared.replaces ? checkPackageReplacement(candidates) : null;
        if (refused != null) {
            return refused;
        }
        Transaction careless = EphemeralDust.findUnspent(txs, mempool);
        return careless == null
                ? null
                : ofOne(careless, new AcceptResult.Rejected(EphemeralDust.failure(careless), null));
    }

    private @Nullable PackageResult checkPackageReplacement(List<Candidate> candidates) {
        String begin = "package RBF failed: ";
        if (candidates.size() != 2) {
            return failedPolicy(begin + "package must be 1-parent-1-child", "");
        }
        if (candidates.stream().anyMatch(candidate -> !candidate.ancestors.isEmpty())) {
            return failedPolicy(begin + "new transaction cannot have mempool ancestors", "");
        }
        Candidate parent = candidates.getFirst();
        Candidate child = candidates.getLast();
        parent.conflicts.addAll(child.conflicts);
        List<MempoolEntry> direct = direct(parent);
        String problem = replacement.tooMany(direct, child.tx.txid());
        if (problem != null) {
            return failedPolicy(begin + "too many potential replacements", problem);
        }
        shared.setConflicts(replacement.withDescendants(direct), mempool);
        problem =
                replacement.paysTooLittle(
                        shared.conflictFees, shared.totalFees, shared.totalVsize, child.tx.txid());
        if (problem != null) {
            return failedPolicy(begin + "insufficient anti-DoS fees", problem);
        }
        FeeRate together = FeeRate.of(shared.totalFees, shared.totalVsize);
        if (together.compareTo(parent.rate()) <= 0) {
            return failedPolicy(
                    begin + "package feerate is less than or equal to parent feerate",
                    "package feerate " + together + " <= parent feerate is " + parent.rate());
        }
        var chunk = new FeeDiagram.Chunk(shared.totalFees, shared.totalVsize);
        problem = replacement.isNoBetter(direct, shared.allConflicts, chunk);
        if (problem != null) {
            return failedPolicy(begin + problem, "");
        }
        mempool.log()
                .debug(
                        LogCategory.TXPACKAGES,
                        () ->
                                "package RBF checks passed: parent "
                                        + name(parent.tx)
                                        + ", child "
                                        + name(child.tx));
        return null;
    }

    private static String name(Transaction tx) {
        return tx.txid() + " (wtxid=" + tx.wtxid() + ")";
    }

    private PackageResult runScripts(
            List<Candidate> candidates,
            AcceptTerms terms,
            Moment at,
            AcceptResult.Effective together) {
        var results = new LinkedHashMap<Wtxid, AcceptResult>();
        for (Candidate candidate : candidates) {
            TxFailure failure = scripts.checkPolicy(candidate.tx, candidate.spent);
            if (failure != null) {
                results.put(candidate.tx.wtxid(), new AcceptResult.Rejected(failure, null));
                return PackageResult.failed(PackageResult.PackageFailure.OF_TRANSACTION, results);
            }
            if (terms.testOnly()) {
                results.put(
                        candidate.tx.wtxid(),
                        new AcceptResult.Accepted(
                                candidate.entry(),
                                effective(candidate, terms, together),
                                List.of()));
            }
        }
        if (!terms.testOnly()) {
            submit(candidates, terms, at);
            for (Candidate candidate : candidates) {
                mempool.countArrival();
                results.put(
                        candidate.tx.wtxid(),
                        new AcceptResult.Accepted(
                                candidate.entry(),
                                effective(candidate, terms, together),
                                shared.takeReplaced()));
            }
        }
        return new PackageResult(null, results);
    }

    private static AcceptResult.Effective effective(
            Candidate candidate, AcceptTerms terms, AcceptResult.Effective together) {
        return terms.packageRates()
                ? together
                : new AcceptResult.Effective(candidate.rate(), List.of(candidate.tx.wtxid()));
    }

    private void submit(List<Candidate> candidates, AcceptTerms terms, Moment at) {
        for (Candidate candidate : candidates) {
            TxFailure failure =
                    scripts.checkConsensus(candidate.tx, candidate.spent, blockFlags(at.tip));
            Check.state(failure == null, "what relay allows blocks allow");
            Check.state(finish(candidate, terms, at), "a package is in before room is made");
        }
        logReplaced(shared.totalFees, shared.totalVsize, candidates.size() + " new one(s)");
    }
}
