package weft.server.rpc;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import weft.server.LightApi;

/// All methods of a light node, and what it says to who asks for those of a full one.
public final class LightMethods {
    private static final List<String> OF_BLOCKS =
            List.of(
                    "getaddressbalance",
                    "getaddresshistory",
                    "getaddressutxos",
                    "getblock",
                    "getblockfilter",
                    "getblockfrompeer",
                    "getblockstats",
                    "getchaintxstats",
                    "getindexinfo",
                    "getrawtransaction",
                    "gettxoutproof",
                    "pruneblockchain",
                    "scanblocks",
                    "verifychain",
                    "verifytxoutproof");

    private static final List<String> OF_COINS =
            List.of(
                    "dumptxoutset",
                    "getchainstates",
                    "gettxout",
                    "gettxoutsetinfo",
                    "loadtxoutset",
                    "scantxoutset",
                    "signrawtransactionwithkey",
                    "utxoupdatepsbt",
                    "descriptorprocesspsbt");

    private static final List<String> OF_MEMPOOL =
            List.of(
                    "abortprivatebroadcast",
                    "estimaterawfee",
                    "estimatesmartfee",
                    "getmempoolancestors",
                    "getmempooldescendants",
                    "getmempoolentry",
                    "getmempoolinfo",
                    "getprioritisedtransactions",
                    "getrawmempool",
                    "getprivatebroadcastinfo",
                    "gettxspendingprevout",
                    "importmempool",
                    "prioritisetransaction",
                    "savemempool",
                    "sendrawtransaction",
                    "submitpackage",
                    "testmempoolaccept");

    private static final List<String> OF_MINERS =
            List.of(
                    "generate",
                    "generateblock",
                    "generatetoaddress",
                    "generatetodescriptor",
                    "getblocktemplate",
                    "getmininginfo",
                    "getnetworkhashps",
                    "submitblock",
                    "submitheader");

    private static final List<String> OTHERS =
            List.of(
                    "analyzepsbt",
                    "combinepsbt",
                    "combinerawtransaction",
                    "converttopsbt",
                    "createpsbt",
                    "createrawtransaction",
                    "decodepsbt",
                    "decoderawtransaction",
                    "finalizepsbt",
                    "invalidateblock",
                    "joinpsbts",
                    "preciousblock",
                    "reconsiderblock",
                    "syncwithvalidationinterfacequeue",
                    "waitforblock",
                    "waitforblockheight",
                    "waitfornewblock");

    private LightMethods() {}

    /// Puts them into a table.
    public static void register(RpcTable table, LightApi node) {
        table.add(all(node, table)).refuse(refused());
    }

    /// The methods.
    ///
    /// @param table that they will be in
    public static List<RpcCommand> all(LightApi node, RpcTable table) {
        return Stream.of(
                        new HeadersRpc(node).commands(),
                        new ScriptRpc(node).commands(),
                        new AddressRpc(node).commands(),
                        new MessageRpc(node).commands(),
                        new PeersRpc(node).commands(),
                        new CaptureRpc(node).commands(),
                        new NetworkRpc(node).commands(),
                        new DefenceRpc(node).commands(),
                        new ControlRpc(node, table).commands())
                .flatMap(List::stream)
                .toList();
    }

    /// Methods of a full node by name, each with why a light one has it not.
    public static Map<String, String> refused() {
        var reasons = new TreeMap<String, String>();
        put(reasons, OF_BLOCKS, "blocks, which -role=spv does not have");
        put(reasons, OF_COINS, "the set of coins, which -role=spv does not have");
        put(reasons, OF_MEMPOOL, "a mempool, which -role=spv does not have");
        put(reasons, OF_MINERS, "a node that makes or judges blocks, which -role=spv does not");
        put(reasons, OTHERS, "a full node, which -role=spv is not");
        return reasons;
    }

    private static void put(Map<String, String> reasons, List<String> names, String what) {
        names.forEach(name -> reasons.put(name, name + " needs " + what));
    }
}
