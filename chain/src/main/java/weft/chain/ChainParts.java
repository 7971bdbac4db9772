package weft.chain;

import weft.crypto.SipHash;
import weft.primitives.log.Log;

/// The parts of one chain state, each the owner of its own data.
final class ChainParts {
    final ChainRules rules;
    final ChainOptions options;
    final ChainLog log;
    final HeaderTree tree;
    final ActiveChain chain;
    final Candidates candidates = new Candidates();
    final CoinsStore coinsStore;
    final CoinsCache coins;
    final ChainStorage storage;
    final InitialDownload download;
    final Pruner pruner;
    final SyncProgress syncProgress;
    final SnapshotMark mark;
    final SipHash hash;
    final InvalidBranches invalid;

    ChainParts(ChainRules rules, ChainOptions options, ChainStores stores, Log log) {
        this.rules = rules;
        this.invalid = new InvalidBranches(rules);
        this.options = options;
        this.log = new ChainLog(log, rules);
        this.tree = new HeaderTree(rules, stores.hash(), log);
        this.chain = new ActiveChain(tree.table());
        this.coinsStore = new CoinsStore(stores.database());
        this.coins =
                new CoinsCache(
                        coinsStore, stores.background(), stores.hash(), options.cacheBytes());
        this.storage = new ChainStorage(stores.database(), stores.blocks(), tree, coins);
        this.syncProgress = new SyncProgress(log);
        this.download = new InitialDownload(options, this.log);
        this.hash = stores.hash();
        this.mark = new SnapshotMark(stores.database(), coinsStore, rules);
        this.pruner = new Pruner(options.pruning(), tree, chain, storage, log);
    }
}
