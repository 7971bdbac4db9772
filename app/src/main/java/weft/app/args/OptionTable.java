package weft.app.args;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The options that `weftd` and `weft-cli` know, by name, with their help.
///
/// Options of Bitcoin Core that ask for something weft does not have (a wallet, ZMQ, UPnP) are listed in
/// [#IGNORED]: they are accepted, so that whatever starts `bitcoind` can start weftd, and do nothing.
public final class OptionTable {
    /// Options of Bitcoin Core that are accepted and do nothing in this version: the one list of them. Who
    /// asks for one is told so in the log.
    static final List<String> IGNORED =
            List.of(
                    "addresstype",
                    "avoidpartialspends",
                    "changetype",
                    "checkblockindex",
                    "consolidatefeerate",
                    "create",
                    "daemon",
                    "daemonwait",
                    "disablewallet",
                    "discardfee",
                    "fallbackfee",
                    "feefilter",
                    "flushwallet",
                    "keypool",
                    "logips",
                    "loglevelalways",
                    "logsourcelocations",
                    "maxapsfee",
                    "mintxfee",
                    "paytxfee",
                    "printpriority",
                    "rpcdoccheck",
                    "shrinkdebugfile",
                    "signer",
                    "spendzeroconfchange",
                    "stopafterblockimport",
                    "swapbdbenddian",
                    "txconfirmtarget",
                    "unsafesqlitesync",
                    "upnp",
                    "vbparams",
                    "wallet",
                    "walletbroadcast",
                    "walletcrosschain",
                    "walletdir",
                    "walletnotify",
                    "walletrbf",
                    "walletrejectlongchains",
                    "zmqpubhashblock",
                    "zmqpubhashtx",
                    "zmqpubrawblock",
                    "zmqpubrawtx",
                    "zmqpubsequence");

    private static final Map<String, Map<String, String>> BY_CATEGORY = build();

    private OptionTable() {}

    private static Map<String, Map<String, String>> build() {
        var all = new LinkedHashMap<String, Map<String, String>>();
        all.put("Options", general());
        all.put("Connection options", connection());
        all.put("Defence options", defence());
        all.put("Debugging/Testing options", debugging());
        all.put("Chain selection options", chains());
        all.put("Node relay and mempool options", relay());
        all.put("Block creation options", mining());
        all.put("RPC server options", rpc());
        return all;
    }

    private static Map<String, String> general() {
        var options = new LinkedHashMap<String, String>();
        options.put("help", "Print this help message and exit (also -h or -?)");
        options.put("h", "");
        options.put("?", "");
        options.put("version", "Print version and exit");
        options.put(
                "assumevalid", "Scripts of this block and those below are not run (0 runs all)");
        options.put(
                "addressindex",
                "Keep an index of what every script got and lost, for getaddresshistory and its"
                        + " like (default: 0)");
        options.put(
                "blockfilterindex",
                "Keep an index of block filters, BIP-0158: basic, 1 or 0 (default: 0)");
        options.put("alertnotify", "Command to run on a warning; %s is the warning, quoted");
        options.put("blocknotify", "Command to run on a new tip; %s is its hash");
        options.put("startupnotify", "Command to run when the node has started");
        options.put(
                "shutdownnotify",
                "Command to run when the node begins to stop; may be given again");
        options.put("blocksdir", "Folder that holds the blocks folder (default: <datadir>)");
        options.put("blocksxor", "Scramble new block files (default: 1)");
        options.put(
                "checkpoints",
                "Refuse branches that leave the main one below a known block (default: 1)");
        options.put("checkblocks", "Blocks to read again at start (default: 6; 0 for all)");
        options.put("checklevel", "How thoroughly -checkblocks reads them, 0 to 4 (default: 3)");
        options.put("conf", "Configuration file; relative paths are relative to the data folder");
        options.put("datadir", "Data folder; may stand in a configuration file (default: ~/.weft)");
        options.put(
                "allowignoredconf",
                "Only warn if the data folder has a configuration file that is not the one that is"
                        + " read (default: 0)");
        options.put("dbcache", "Memory for coins and database in MiB (default: 450)");
        options.put("debuglogfile", "Log file; -nodebuglogfile for none (default: debug.log)");
        options.put("includeconf", "Another configuration file, relative to the data folder");
        options.put(
                "maxsigcachesize",
                "Memory for signatures and scripts known to be right, in MiB (default: 32)");
        options.put("maxorphantx", "Orphan transactions to keep (default: 100)");
        options.put(
                "minimumchainwork",
                "Chains with less work, in hexadecimal, are not worth following");
        options.put("par", "Threads that check scripts (default: one a processor)");
        options.put("pid", "File for the process id (default: bitcoind.pid)");
        options.put(
                "loadblock",
                "Take in the blocks of a file at start; may be given again. The file has records of"
                        + " magic, length and block");
        options.put("reindex", "Make the block index and the coins anew of the block files");
        options.put(
                "reindex-chainstate",
                "Make the coins anew of the blocks in the index; not with -prune");
        options.put(
                "role",
                "What the node is for: full, pruned (-prune=550), miner (-stratum=3333, unless"
                        + " -stratum or -minewhenmempool is given) or spv (headers alone);"
                        + " getnetworkinfo shows it (default: what the other options make it)");
        options.put("stopatheight", "Stop once the tip is this high");
        options.put("txindex", "Keep an index of all transactions (default: 0)");
        options.put(
                "coinstatsindex",
                "Keep an index of coin statistics, for gettxoutsetinfo (default: 0)");
        options.put(
                "settings",
                "File of settings that change at run time; -nosettings for none (default:"
                        + " settings.json)");
        return options;
    }

    /// Networks that hide where we are.
    private static void hidden(Map<String, String> options) {
        options.put(
                "i2pacceptincoming", "Let others dial us over I2P; only with -i2psam (default: 1)");
        options.put(
                "listenonion",
                "Let others dial us at an onion address, which Tor makes (default: 1 with"
                        + " -listen)");
        options.put("torcontrol", "Control port of Tor, ip:port (default: 127.0.0.1:9051)");
        options.put("torpassword", "Password of Tor's control port (default: none)");
        options.put("i2psam", "Reach I2P by this SAM bridge, ip:port (default: none)");
    }

    private static Map<String, String> defence() {
        var options = new LinkedHashMap<String, String>();
        options.put(
                "autodefence", "Act on warnings of attacks, not only tell of them (default: 1)");
        options.put(
                "inboundwork",
                "Percent of a core that inbound peers may take together, each its share; who takes"
                        + " more waits; 0: no limit (default: 30)");
        options.put(
                "misbehaviour",
                "What becomes of peers that break the protocol: core (discouraged), score (banned"
                        + " for a day at 100 points), shadow (let in, but not served)");
        options.put("bantime", "How long a ban lasts, in seconds (default: 86400)");
        return options;
    }

    private static Map<String, String> connection() {
        var options = new LinkedHashMap<String, String>();
        hidden(options);
        options.put("addnode", "Connect to a node and keep the connection; may be given again");
        options.put(
                "allowlocal",
                "Dial and tell local addresses, for networks on one machine (default: 0)");
        options.put(
                "asmap",
                "Tell operators of networks apart by this file (default: ip_asn.map); relative"
                        + " paths are relative to the network's folder");
        options.put(
                "bind", "Listen on an address, [::]:port or ip:port, =onion for the onion service");
        options.put(
                "central",
                "Keep a connection to this node, and learn of others from it alone: no DNS, no"
                        + " fixed seeds");
        options.put(
                "natpmp",
                "Have the router let others reach our port, by PCP or NAT-PMP (default: 0)");
        options.put("cjdnsreachable", "This machine is part of the network CJDNS (default: 0)");
        options.put(
                "connect",
                "Connect to this node and no others; may be given again, or name several with"
                        + " commas; 0 for none");
        options.put("discover", "Believe what peers say of our address (default: 1)");
        options.put("dns", "Look up names (default: 1)");
        options.put("dnsseed", "Ask DNS seeds when there are few addresses (default: 1)");
        options.put("externalip", "An address of ours to tell peers");
        options.put("fixedseeds", "Fall back on addresses known to the program (default: 1)");
        options.put("forcednsseed", "Ask DNS seeds always (default: 0)");
        options.put("keepalive", "How silent connections are probed: core, classic or lesson10");
        options.put("listen", "Accept connections (default: 1 unless -connect)");
        options.put("maxconnections", "Connections in all (default: 125 inbound and 11 outbound)");
        options.put(
                "maxinbound",
                "Of those who dial us, let in so many at most (default: 125, or what -maxconnections"
                        + " leaves)");
        options.put(
                "maxreceivebuffer", "Bytes of a peer that may wait, in thousands (default: 5000)");
        options.put(
                "maxsendbuffer", "Bytes that may wait for a peer, in thousands (default: 1000)");
        options.put(
                "maxuploadtarget",
                "Bytes to send in 24 hours; near it, blocks older than a week are not served"
                        + " (default: 0 for no limit). Units: k m g t of 1,000, K M G T of 1,024; M"
                        + " where there is none");
        options.put("networkactive", "Begin with networking on (default: 1)");
        options.put(
                "targetpeers",
                "Of the 8 full-relay connections that we open, keep this many with the best of"
                        + " usefulness by latency after ten minutes (default: 0 for all)");
        reach(options);
        return options;
    }

    private static void reach(Map<String, String> options) {
        options.put(
                "onion",
                "Reach Tor by this SOCKS5 proxy, ip:port or unix:path (default: that of -proxy)");
        options.put(
                "onlynet",
                "Dial addresses of this network only: ipv4, ipv6, onion, i2p, cjdns; may be given"
                        + " again. Holds neither for who dials us nor for -addnode and -connect");
        options.put(
                "proxy",
                "Dial, and look names up, through this SOCKS5 proxy, ip:port or unix:path");
        options.put(
                "proxyrandomize",
                "Let the proxy take each connection for that of another user (default: 1)");
        options.put(
                "privatebroadcast",
                "Hand transactions of sendrawtransaction to a few peers over short-lived connections"
                        + " through Tor or I2P that do not tell who we are, and to nobody else; not"
                        + " those of submitpackage (default: 0)");
        options.put("peerblockfilters", "Serve block filters, BIP-0157 (default: 0)");
        options.put("peerbloomfilters", "Serve bloom filters, BIP-0037 and BIP-0035 (default: 0)");
        options.put("peertimeout", "Seconds until a silent peer is dropped (default: 60)");
        options.put("port", "Listen on this port");
        options.put(
                "probe",
                "Dial random addresses of a range, one a second, until a node answers; may be given"
                        + " again (default: off)");
        options.put("probemain", "Allow -probe on the main network, where it annoys strangers");
        options.put("seednode", "Ask a node for addresses and hang up");
        options.put("timeout", "Milliseconds that a dial may take (default: 5000)");
        options.put("txreconciliation", "Offer BIP-0330 (default: 0)");
        options.put("v2transport", "Use BIP-0324 (default: 1)");
        options.put(
                "whitebind", "Listen on an address and grant permissions to who comes in there");
        options.put("whitelist", "Grant permissions to a range: permissions@range");
        options.put(
                "whitelistforcerelay",
                "A -whitelist without permissions also grants forcerelay (default: 0)");
        options.put(
                "whitelistrelay",
                "A -whitelist without permissions also grants relay (default: 1)");
    }

    private static Map<String, String> debugging() {
        var options = new LinkedHashMap<String, String>();
        options.put("capturemessages", "Write all messages to files (default: 0)");
        options.put("capturemax", "Most megabytes of those files together (default: 1024)");
        options.put(
                "record",
                "Write everything that the peer engine is given to this file, for weft replay");
        options.put("recordmax", "Megabytes at which that recording ends (default: 256)");
        options.put(
                "checkaddrman",
                "Check the address book at one in so many changes and questions (default: 0 for"
                        + " none)");
        options.put(
                "test",
                "Something for tests, regtest only: addrman gives the address book a known key");
        options.put(
                "dbbatchsize",
                "Bytes of coins after which -dbcrashratio has another chance (default: 16777216)");
        options.put(
                "dbcrashratio",
                "End the process in one of so many writes of coins, for tests (default: 0, never)");
        options.put("debug", "Log a category, or all of them with 1");
        options.put("debugexclude", "Leave a category out of the log");
        options.put("loglevel", "How much to log: trace, debug, info; or category:level");
        options.put(
                "logratelimit",
                "1 MiB of the log file an hour for each place in the program (default: 1)");
        options.put("logtimemicros", "Microseconds in the log (default: 0)");
        options.put("logthreadnames", "Names of threads in the log (default: 0)");
        options.put("logtimestamps", "Times in the log (default: 1)");
        options.put(
                "maxtipage",
                "A tip older than this many seconds is not the network's (default: 86400)");
        options.put("mocktime", "Set the clock, in seconds since 1970");
        options.put("printtoconsole", "Log to standard output (default: 1 unless -daemon)");
        options.put(
                "testactivationheight",
                "Begin a rule at another height, regtest only: name@height");
        options.put("uacomment", "A comment in the user agent");
        options.put(
                "prune",
                "Delete old block files: 0 for none, 1 when pruneblockchain says so, from 550 on to"
                        + " keep all files together below so many MiB (default: 0)");
        options.put("fastprune", "Block files of 64 KiB, and pruning from height 100 on");
        options.put("deprecatedrpc", "Allow a deprecated RPC");
        options.put(
                "limitancestorsize",
                "Most virtual kilobytes of unconfirmed transactions in a chain (default: 101)");
        options.put(
                "limitdescendantsize",
                "Most virtual kilobytes of transactions that hang on one (default: 101)");
        options.put(
                "limitancestorcount",
                "Unconfirmed ancestors, the transaction included (default: 25)");
        options.put(
                "limitdescendantcount",
                "Unconfirmed descendants, the transaction included (default: 25)");
        return options;
    }

    private static Map<String, String> chains() {
        var options = new LinkedHashMap<String, String>();
        options.put("chain", "main, test, testnet4, signet or regtest (default: main)");
        options.put("regtest", "A private network where blocks cost nothing");
        options.put("signet", "The signed test network");
        options.put(
                "signetchallenge",
                "Blocks must satisfy this script, in hexadecimal: another signet");
        options.put(
                "signetseednode", "Ask this node in place of signet's seeds; may be given again");
        options.put("testnet", "The old test network");
        options.put("testnet4", "The test network");
        return options;
    }

    private static Map<String, String> relay() {
        var options = new LinkedHashMap<String, String>();
        options.put(
                "acceptnonstdtxn",
                "Relay transactions of any form, test networks only (default: 0)");
        options.put("blocksonly", "Take no transactions from peers (default: 0)");
        options.put(
                "bytespersigop",
                "Bytes that a signature operation counts for in relay and mining (default: 20)");
        options.put("datacarrier", "Relay outputs that carry data (default: 1)");
        options.put("datacarriersize", "Longest script that carries data (default: 83)");
        options.put(
                "dustrelayfee",
                "Fee rate that tells what output is dust, in BTC/kvB (default: 0.00003)");
        options.put(
                "ephemeraldust",
                "Relay one output of dust that a child spends at once (default: 0)");
        options.put(
                "incrementalrelayfee",
                "Step of fee rates for replacement and a full mempool (default: 0.00001)");
        options.put(
                "checkmempool",
                "Check the whole mempool after so many of its changes; slow (default: 0, never)");
        options.put("maxmempool", "Size of the mempool in megabytes (default: 300)");
        options.put("mempoolexpiry", "Hours that a transaction may wait (default: 336)");
        options.put(
                "mempoolfullrbf",
                "Replace also transactions that do not signal it (default: 1, deprecated)");
        options.put(
                "minrelaytxfee",
                "Lowest fee that is relayed, in BTC per 1,000 bytes (default: 0.00001)");
        options.put("permitbaremultisig", "Relay outputs of several bare keys (default: 1)");
        options.put("persistmempool", "Keep the mempool over a restart (default: 1)");
        options.put("persistmempoolv1", "Write mempool.dat in its older form (default: 0)");
        options.put(
                "relaypolicy",
                "Announce transactions at random moments, diffusion, at once, flood, or after a stem"
                        + " from node to node, dandelion (regtest only) (default: diffusion)");
        options.put(
                "dandelionfluff",
                "Chance in percent that a stem ends at a node that relays it (default: 10)");
        return options;
    }

    private static Map<String, String> mining() {
        var options = new LinkedHashMap<String, String>();
        options.put("blockmaxweight", "Weight of our own blocks (default: 3996000)");
        options.put(
                "acceptstalefeeestimates",
                "Use fee_estimates.dat however old it is (regtest only; default: 0)");
        options.put("blockmintxfee", "Lowest fee rate that we mine, in BTC/kvB (default: 0.00001)");
        options.put("blockversion", "Version of our own blocks, regtest only");
        options.put(
                "minewhenmempool",
                "Make a block as soon as so many transactions wait, regtest only (needs"
                        + " -mineaddress)");
        options.put(
                "stratum",
                "Port on which mining machines get work, Stratum version 1 (default: off)");
        options.put("stratumaddress", "Who gets the reward if a miner's user name is no address");
        options.put("stratumbind", "Address to listen on for them (default: 127.0.0.1)");
        options.put(
                "stratumdifficulty",
                "Difficulty of their first shares, at most that of a block; on regtest, if it is"
                        + " given, also of blocks (default: 1)");
        options.put(
                "stratumvardiff",
                "Let the difficulty follow each miner's speed, to a share in 8 to 17 seconds"
                        + " (default: 1)");
        options.put("mineaddress", "Who gets the reward of blocks that -minewhenmempool makes");
        return options;
    }

    private static Map<String, String> rpc() {
        var options = new LinkedHashMap<String, String>();
        options.put(
                "metrics",
                "Answer Prometheus at /metrics on a port of 127.0.0.1, or on address:port (default:"
                        + " off)");
        options.put(
                "metricshost",
                "A name under which -metrics may be asked, besides addresses and localhost; may be"
                        + " given again");
        options.put("rest", "Answer everybody's questions below /rest/ over HTTP (default: 0)");
        options.put("rpcallowip", "Allow RPC from a range");
        options.put("rpcauth", "User and hashed password: user:salt$hash");
        options.put("rpcbind", "Address to answer RPC on (default: 127.0.0.1 and ::1)");
        options.put("rpccookiefile", "File for the cookie (default: .cookie)");
        options.put(
                "rpccookieperms", "Who may read the cookie: owner, group or all (default: owner)");
        options.put("rpcpassword", "Password for RPC");
        options.put("rpcport", "Port for RPC");
        options.put("rpcuser", "User for RPC");
        options.put(
                "rpcwhitelist",
                "Methods that a user may call, user:method,method; may be given again");
        options.put(
                "rpcwhitelistdefault",
                "Users without a list may call nothing (default: 1 with -rpcwhitelist, else 0)");
        options.put(
                "rpcservertimeout",
                "Seconds until a silent RPC connection is closed (default: 30)");
        options.put("rpcthreads", "RPC calls worked on at once (default: 4)");
        options.put("rpcworkqueue", "RPC calls that may wait beyond them (default: 16)");
        options.put("server", "Answer RPC (default: 1)");
        return options;
    }

    /// Names of the options of one category, as [#help] heads it.
    public static Set<String> names(String category) {
        return BY_CATEGORY.getOrDefault(category, Map.of()).keySet();
    }

    /// Whether an option may be used.
    public static boolean isKnown(String name) {
        return IGNORED.contains(name)
                || BY_CATEGORY.values().stream().anyMatch(options -> options.containsKey(name));
    }

    /// Whether an option is accepted but does nothing. `-disablewallet` is none of them: there is no wallet.
    public static boolean isWithoutEffect(String name) {
        return IGNORED.contains(name) && !name.equals("disablewallet");
    }

    /// The help text: every option that does something, by category.
    public static String help() {
        var text = new StringBuilder();
        BY_CATEGORY.forEach(
                (category, options) -> {
                    text.append(category).append(":\n\n");
                    options.forEach(
                            (name, help) -> {
                                if (!help.isEmpty()) {
                                    text.append("  -")
                                            .append(name)
                                            .append("\n       ")
                                            .append(help)
                                            .append("\n\n");
                                }
                            });
                });
        return text.toString();
    }
}
