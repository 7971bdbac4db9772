package weft.form;

import java.util.List;

/// A family of attacks of the past, and the attacks in it; their numbers are their places, from 1.
///
/// @param letter of the group's rows
/// @param name what the attacks go for
/// @param titles of the rows
record AttackGroup(char letter, String name, List<String> titles) {
    /// All that are known, in order.
    static List<AttackGroup> all() {
        return List.of(
                consensus(), crashes(), processor(), memory(), network(), privacy(), funds());
    }

    private static AttackGroup consensus() {
        return new AttackGroup(
                'A',
                "Consensus: split, inflation, theft",
                List.of(
                        "Sums that overflow (CVE-2010-5139)",
                        "Spending anyone's coins (CVE-2010-5141)",
                        "Disabled operations (CVE-2010-5137)",
                        "Duplicate coinbases (BIP 30, CVE-2012-1909)",
                        "Duplicate coinbases across reorganisations",
                        "BIP 34 does not imply BIP 30",
                        "Repeated transactions under one root (CVE-2012-2459)",
                        "Inner nodes that pose as transactions, in blocks",
                        "Duplicate inputs (CVE-2018-17144)",
                        "Limits of the store as rules (BIP 50, CVE-2013-3220)",
                        "Subsidy that comes back (BIP 42)",
                        "Lax signatures (BIP 66)",
                        "Signed transaction versions (CVE-2024-34478)",
                        "Signatures inside of scripts (CVE-2024-38365)",
                        "Limits on witness items' length (CVE-2022-44797)",
                        "Limits on witness items' number (CVE-2022-39389)",
                        "Double spend in a block that is assumed valid",
                        "Transactions that are not final, in blocks",
                        "Coinbase maturity, and children of invalid blocks",
                        "Signature hash types",
                        "Inner nodes that pose as transactions, in proofs (CVE-2017-12842)",
                        "Light nodes that follow an invalid chain",
                        "Time warp (BIP 54, BIP 94)",
                        "Compact targets",
                        "Limits of blocks",
                        "Limits of scripts",
                        "Failures of ours taken for verdicts (BIP 50)",
                        "Traces of blocks that failed"));
    }

    private static AttackGroup crashes() {
        return new AttackGroup(
                'B',
                "Crashes and memory safety",
                List.of(
                        "A second blocktxn (CVE-2024-35202)",
                        "Workers on data that is gone (CVE-2024-52911)",
                        "Empty bloom filters (CVE-2013-5700)",
                        "Entry numbers of the address table that wrap (CVE-2024-52919)",
                        "Blocks rebuilt to more than a gigabyte (CVE-2025-46597)",
                        "Unknown inventory types",
                        "Unknown networks in addrv2, and unread answers",
                        "Encrypted packets shorter than their type",
                        "Truncated messages and counts that lie",
                        "Templates of nothing",
                        "Recursion as deep as the input says (CVE-2024-44073)",
                        "Replies of SOCKS5 proxies (CVE-2017-18350)",
                        "Answers of gateways (CVE-2015-6031)",
                        "Exceptions across threads (CVE-2012-1910)",
                        "The order of the handshake",
                        "Sentinel values from the network",
                        "Indices of compact blocks that overflow",
                        "Witnesses longer than their frame"));
    }

    private static AttackGroup processor() {
        return new AttackGroup(
                'C',
                "Exhaustion of processor and disk reads",
                List.of(
                        "Signature operations without limit (CVE-2010-5138)",
                        "Blocks that take minutes (CVE-2013-2292)",
                        "Slow transactions without a penalty (CVE-2025-46598)",
                        "Orphans judged again and again (CVE-2024-52914)",
                        "getdata that never ends (CVE-2024-52920)",
                        "Announcements sorted again and again (CVE-2023-33297)",
                        "Alerts (CVE-2012-4683, CVE-2016-10724)",
                        "Ban lists without bound (CVE-2020-14198)",
                        "Blocks filtered for peers (BIP 37)",
                        "Hash flooding",
                        "Short ids that collide",
                        "Requests that read much",
                        "Inputs fetched in vain (CVE-2013-2293)",
                        "Chains and replacements in the mempool",
                        "Decoys and garbage before encryption",
                        "Headers without work or order",
                        "Text that is costly to print"));
    }

    private static AttackGroup memory() {
        return new AttackGroup(
                'D',
                "Exhaustion of memory and disk",
                List.of(
                        "Messages longer than allowed (CVE-2015-3641)",
                        "Messages half sent",
                        "Announcements without bound (CVE-2018-17145)",
                        "Announced blocks without bound (CVE-2024-52915)",
                        "Headers off the genesis block (CVE-2024-52916)",
                        "Long header chains without work (CVE-2019-25220)",
                        "Orphans without bound (CVE-2012-3789)",
                        "Bytes after a transaction (CVE-2013-4627)",
                        "Log filled by connections to oneself (CVE-2025-54604)",
                        "Log filled by invalid blocks (CVE-2025-54605)",
                        "Address table without bound",
                        "Sockets without bound",
                        "Slow loris",
                        "Allocation before the check",
                        "Fetches by URL (CVE-2024-52918)",
                        "Addresses relayed to all",
                        "Blocks nobody asked for",
                        "Queues between threads without bound",
                        "Followers that do not read",
                        "Mempool of tiny transactions"));
    }

    private static AttackGroup network() {
        return new AttackGroup(
                'E',
                "Eclipse, splits of the network, propagation",
                List.of(
                        "Clocks of peers (CVE-2024-52912)",
                        "Mutated blocks that clear others' requests (CVE-2024-52921)",
                        "Compact blocks withheld (CVE-2024-52922)",
                        "All fast peers taken (Siegel)",
                        "Requests forgotten under spam (CVE-2024-52913)",
                        "Relay jammed (CVE-2024-55563)",
                        "Eclipse by addresses (Heilman)",
                        "Eclipse by a network (Erebus)",
                        "Partition by routes",
                        "Delivery withheld (Gervais)",
                        "Defamation",
                        "Tor exits banned",
                        "Slow peers in the initial download",
                        "Claims of a better chain",
                        "Address spam",
                        "Eviction",
                        "Pinning and free relay",
                        "Headers on an invalid block",
                        "Jumps of the clock"));
    }

    private static AttackGroup privacy() {
        return new AttackGroup(
                'F',
                "Privacy",
                List.of(
                        "Wallet addresses by fee behaviour (CVE-2013-2272)",
                        "The place of the change (CVE-2013-2273)",
                        "Topology by times of addresses",
                        "Fingerprints by getaddr",
                        "Links by orphans and conflicts",
                        "Transactions before their announcement",
                        "Stale blocks that were kept",
                        "Heights of pruned nodes",
                        "Spies that hear first",
                        "Leaks around the proxy",
                        "One circuit for all peers",
                        "What we say of ourselves",
                        "What we say before the handshake"));
    }

    private static AttackGroup funds() {
        return new AttackGroup(
                'G',
                "Funds, wallet, RPC, web, supply chain",
                List.of(
                        "Keys left after encryption (CVE-2011-4447)",
                        "Foreign coins that never confirm (CVE-2010-5140)",
                        "Password by timing (CVE-2013-4165)",
                        "Another program on the RPC port (CVE-2018-20587)",
                        "Lines injected into the log (CVE-2018-20586)",
                        "Secrets in the history (CVE-2016-8889)",
                        "Secrets in core dumps (CVE-2019-15947)",
                        "Amounts split over two requests (CVE-2020-14199)",
                        "Links that become arguments (CVE-2021-3401)",
                        "Seeds from a weak generator (CVE-2023-39910)",
                        "Seeds from another generator than meant",
                        "Folders deleted by a failed migration",
                        "Web pages that drive the wallet (CVE-2018-1000022)",
                        "Remote text as HTML",
                        "Files served that should not be",
                        "DNS rebinding (CVE-2018-5702)",
                        "RPC starved by wrong passwords",
                        "Fees by mistake",
                        "TLS",
                        "Ranges of keys and signatures",
                        "PSBT larger than memory",
                        "RPC open to all",
                        "Tampered dependencies",
                        "Rights of files",
                        "Bodies and batches of JSON"));
    }
}
