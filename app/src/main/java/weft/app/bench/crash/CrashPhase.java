package weft.app.bench.crash;

import java.io.IOException;
import java.util.List;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;

/// What a node is busy with when it is killed.
enum CrashPhase {
    /// Takes the whole chain from a peer.
    SYNC {
        @Override
        List<String> options() {
            return List.of("-dbcache=450");
        }
    },

    /// The same with so little memory that coins are written all the time.
    FLUSH {
        @Override
        List<String> options() {
            return List.of("-dbcache=4");
        }
    },

    /// The same while old block files are deleted.
    PRUNE {
        @Override
        List<String> options() {
            return List.of("-prune=1", "-fastprune");
        }

        @Override
        boolean isOffered(CrashNode node) {
            return node.call("getblockchaininfo").path("pruned").asBoolean(false);
        }

        @Override
        void work(CrashNode node, CrashRig rig, Acknowledged told) {
            while (true) {
                int height = node.height() - KEPT_BLOCKS;
                if (height > 0) {
                    node.call("pruneblockchain", height);
                }
            }
        }
    },

    /// Gets one block after another at the tip.
    TIP {
        @Override
        String from() {
            return "before";
        }

        @Override
        List<String> options() {
            return List.of("-maxtipage=1000000000");
        }

        @Override
        void work(CrashNode node, CrashRig rig, Acknowledged told) {
            for (String block : rig.tail()) {
                CrashRig.accepted(node, block);
                told.tip(node.call("getbestblockhash").asString());
            }
        }

        @Override
        String finish(CrashNode node, CrashRig rig) {
            rig.tail().forEach(block -> CrashRig.accepted(node, block));
            return rig.coinsA();
        }
    },

    /// Goes from one branch to another and back.
    REORG {
        @Override
        String from() {
            return "tip";
        }

        @Override
        List<String> options() {
            return List.of("-maxtipage=1000000000");
        }

        @Override
        void work(CrashNode node, CrashRig rig, Acknowledged told) {
            rig.branch().forEach(block -> reconsider(node, block));
            String first = node.hash(rig.heightB() - rig.branch().size() + 1);
            while (true) {
                node.call("invalidateblock", first);
                node.call("reconsiderblock", first);
            }
        }

        @Override
        String finish(CrashNode node, CrashRig rig) {
            rig.branch().forEach(block -> reconsider(node, block));
            return rig.coinsB();
        }

        private void reconsider(CrashNode node, String block) {
            JsonNode refused = node.call("submitblock", block);
            if (refused.asString("").startsWith("duplicate-invalid")) {
                for (JsonNode each : node.call("getchaintips")) {
                    node.call("reconsiderblock", each.path("hash").asString());
                }
            }
        }
    },

    /// Builds all indexes.
    INDEX {
        @Override
        String from() {
            return "tip";
        }

        @Override
        List<String> options() {
            return List.of("-txindex=1", "-blockfilterindex=1", "-coinstatsindex=1");
        }

        @Override
        boolean isOffered(CrashNode node) {
            try {
                return !node.call("getindexinfo").isEmpty();
            } catch (RpcClient.RpcException e) {
                return false;
            }
        }

        @Override
        String finish(CrashNode node, CrashRig rig) throws IOException, InterruptedException {
            node.await(
                    () -> {
                        for (JsonNode each : node.call("getindexinfo")) {
                            if (!each.path("synced").asBoolean(false)) {
                                return false;
                            }
                        }
                        return true;
                    },
                    "finished index");
            return rig.coinsA();
        }

        @Override
        String more(CrashNode node) {
            String tip = node.call("getbestblockhash").asString();
            String tx =
                    node.call("getblock", node.hash(node.height() / 3))
                            .path("tx")
                            .get(0)
                            .asString();
            return node.call("getblockfilter", tip).toString()
                    + node.call("gettxoutsetinfo", "muhash", tip).path("muhash")
                    + node.call("getrawtransaction", tx);
        }
    },

    /// Deletes the database of a whole folder and builds it and the coins from the block files.
    REINDEX {
        @Override
        String from() {
            return "tip";
        }

        @Override
        List<String> options() {
            return List.of("-reindex");
        }

        @Override
        List<String> optionsAfter() {
            return List.of();
        }

        @Override
        boolean isOffered(CrashNode node) throws IOException, InterruptedException {
            node.await(() -> node.hasLogged("Reindexing block file"), "reindex");
            return true;
        }

        @Override
        String finish(CrashNode node, CrashRig rig) throws IOException, InterruptedException {
            node.await(() -> node.height() == rig.heightA(), "whole chain");
            return rig.coinsA();
        }
    };

    private static final int KEPT_BLOCKS = 300;

    /// What the node has told, which no kill may take back.
    static final class Acknowledged {
        private volatile String tip = "";
        private volatile String wrong = "";

        void tip(String hash) {
            tip = hash;
        }

        /// Something happened that must not, whether killed or not.
        void wrong(String what) {
            wrong = what;
        }

        /// Fails where the node no longer has on its chain what it told.
        void check(CrashNode node) {
            if (!wrong.isEmpty()) {
                throw new IllegalStateException(wrong);
            }
            if (!tip.isEmpty()) {
                long confirmations =
                        node.call("getblockheader", tip).path("confirmations").asLong(-1);
                if (confirmations < 1) {
                    throw new IllegalStateException("the node lost the block it told: " + tip);
                }
            }
        }
    }

    /// Name on the command line.
    String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /// Folder that the node begins with; empty for none.
    String from() {
        return "";
    }

    /// Options of the node.
    abstract List<String> options();

    /// Options after a kill.
    List<String> optionsAfter() {
        return options();
    }

    /// Whether the daemon can do this at all.
    boolean isOffered(CrashNode node) throws IOException, InterruptedException {
        return true;
    }

    /// Keeps the node busy until it is killed; every error then ends it.
    void work(CrashNode node, CrashRig rig, Acknowledged told) {}

    /// Brings a recovered node to the end.
    ///
    /// @return the coins that it must have now
    String finish(CrashNode node, CrashRig rig) throws IOException, InterruptedException {
        node.await(() -> node.height() == rig.heightB(), "whole chain");
        return rig.coinsB();
    }

    /// What else must be as in an undisturbed node.
    String more(CrashNode node) {
        return "";
    }
}
