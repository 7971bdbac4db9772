package weft.app;

import java.util.List;
import weft.app.args.Args;
import weft.app.args.ArgsFault;

/// Options that ask for what a node of headers alone (`-role=spv`) does not have. They are refused rather
/// than passed over: who asks for an index waits for it in vain.
final class LightArgs {
    /// @param why what a light node is not, has not or does not do
    /// @param options that ask for it
    private record Missing(String why, List<String> options) {}

    private static final List<Missing> ALL =
            List.of(
                    new Missing(
                            "keeps no blocks and no coins",
                            List.of(
                                    "addressindex",
                                    "assumevalid",
                                    "blockfilterindex",
                                    "blocksdir",
                                    "blocksxor",
                                    "checkblocks",
                                    "checklevel",
                                    "checkpoints",
                                    "coinstatsindex",
                                    "dbbatchsize",
                                    "dbcache",
                                    "dbcrashratio",
                                    "fastprune",
                                    "loadblock",
                                    "maxsigcachesize",
                                    "maxtipage",
                                    "par",
                                    "prune",
                                    "reindex",
                                    "reindex-chainstate",
                                    "rest",
                                    "txindex")),
                    new Missing(
                            "has no mempool",
                            List.of(
                                    "acceptnonstdtxn",
                                    "acceptstalefeeestimates",
                                    "blocksonly",
                                    "bytespersigop",
                                    "checkmempool",
                                    "datacarrier",
                                    "datacarriersize",
                                    "dustrelayfee",
                                    "ephemeraldust",
                                    "incrementalrelayfee",
                                    "limitancestorcount",
                                    "limitancestorsize",
                                    "limitdescendantcount",
                                    "limitdescendantsize",
                                    "maxmempool",
                                    "maxorphantx",
                                    "mempoolexpiry",
                                    "privatebroadcast",
                                    "mempoolfullrbf",
                                    "minrelaytxfee",
                                    "permitbaremultisig",
                                    "persistmempool",
                                    "persistmempoolv1",
                                    "relaypolicy",
                                    "dandelionfluff",
                                    "txreconciliation",
                                    "whitelistforcerelay",
                                    "whitelistrelay")),
                    new Missing(
                            "offers no services",
                            List.of(
                                    "externalip",
                                    "maxuploadtarget",
                                    "natpmp",
                                    "peerblockfilters",
                                    "peerbloomfilters",
                                    "v2transport")),
                    new Missing(
                            "does not mine",
                            List.of(
                                    "blockmaxweight",
                                    "blockmintxfee",
                                    "blockversion",
                                    "mineaddress",
                                    "minewhenmempool",
                                    "stratum",
                                    "stratumaddress",
                                    "stratumbind",
                                    "stratumdifficulty",
                                    "stratumvardiff")));

    private LightArgs() {}

    /// Whether an option asks for what a light node does not have.
    static boolean isRefused(String name) {
        return ALL.stream().anyMatch(each -> each.options.contains(name));
    }

    /// Refuses the first such option that is switched on; one that is off asks for nothing.
    ///
    /// @throws ArgsFault with one line
    static void refuse(Args args) {
        for (Missing each : ALL) {
            for (String name : each.options) {
                boolean off = args.text(name).orElse("").equals("0");
                if (args.isSet(name) && !args.isNegated(name) && !off) {
                    throw new ArgsFault("-role=spv " + each.why + ": it cannot go with -" + name);
                }
            }
        }
    }
}
