#!/usr/bin/env python3
"""Run the micro-benchmarks and make docs/performance.md of what they measure.

    bench/bench.py                    builds, measures (about eight minutes), writes the page
    bench/bench.py --page RESULT.json writes the page from an earlier result
    bench/bench.py --sync             writes only the part about replayed chains, from bench/sync/*.json
    bench/bench.py --flood            writes only the part about floods, from bench/flood/*.json
    bench/bench.py --encryption       measures encryption and writes only the part about it
    bench/bench.py --only REGEX       measures some benchmarks and prints them; writes nothing

The vectors (real blocks) lie in ../shared/vectors unless WEFT_VECTORS names another folder; JAVA_HOME names the JDK.
"""
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JAVA_LEAST = 25
RESULT = ROOT / "bench/target/bench.json"
VECTORS = os.environ.get("WEFT_VECTORS", str(ROOT.parent / "shared/vectors"))

# Of Core's six benchmarks of eviction, which are known together only.
EVICTION = (8_000, 15_000)

# Ours, Bitcoin Core 28.1's name, what its bench program measures in nanoseconds (or between what), its unit.
CORE = [
    ("ScriptBench.witnessKeyHash", "VerifyScriptBench", 34_000, "input"),
    ("ScriptBench.nestedIfScript", "VerifyNestedIfScript", 43_100, "script"),
    ("BlockBench.decode", "DeserializeBlockTest", 1_310_000, "block"),
    ("BlockBench.decodeAndCheck", "DeserializeAndCheckBlockTest", 1_980_000, "block"),
    ("BlockBench.merkleRoot", "MerkleRoot", 58.8, "leaf"),
    ("HashBench.sha256d64Of1024", "SHA256D64_1024", 0.88, "byte"),
    ("BlockBench.duplicateInputs", "DuplicateInputs", 5_990_000, "block"),
    ("HashBench.sipHash32", "SipHash_32b", 18.8, "hash"),
    ("HashBench.muHashInsert", "MuHash", 4_700, "element"),
    ("TransportBench.packetOfMegabyte", "FSCHACHA20POLY1305_1MB", 2.06, "byte"),
    ("TransportBench.packetOf256", "FSCHACHA20POLY1305_256BYTES", 2.72, "byte"),
    ("SigningBench.ecdsa", "SignTransactionECDSA", 134_800, "transaction"),
    ("SigningBench.schnorr", "SignTransactionSchnorr", 110_800, "transaction"),
    ("AddressBench.add", "AddrManAdd", 21_800_000, "book"),
    ("AddressBench.select", "AddrManSelect", 120, "address"),
    ("AddressBench.getAddr", "AddrManGetAddr", 285_000, "answer"),
    ("EvictionBench.protect 0-250", "EvictionProtection0Networks250Candidates", EVICTION, "round"),
    ("EvictionBench.protect 1-250", "EvictionProtection1Networks250Candidates", EVICTION, "round"),
    ("EvictionBench.protect 2-250", "EvictionProtection2Networks250Candidates", EVICTION, "round"),
    ("EvictionBench.protect 3-050", "EvictionProtection3Networks050Candidates", EVICTION, "round"),
    ("EvictionBench.protect 3-100", "EvictionProtection3Networks100Candidates", EVICTION, "round"),
    ("EvictionBench.protect 3-250", "EvictionProtection3Networks250Candidates", EVICTION, "round"),
    ("MempoolBench.eviction", "MempoolEviction", 15_900, "7 transactions"),
    ("MempoolBench.complex", "ComplexMemPool", 192_000_000, "900 transactions"),
    ("PoolViewBench.check", "MempoolCheck", 95_700_000, "400 transactions"),
    ("AssembleBench.assemble", "AssembleBlock", 169_000, "block"),
    ("PoolViewBench.rpcMempool", "RpcMempool", 4_800_000, "1,000 transactions"),
    ("PoolViewBench.blockToJson", "BlockToJsonVerbose", 36_000_000, "block"),
    ("PoolViewBench.writeBlock", "BlockToJsonVerboseWrite", 17_600_000, "block"),
]

OTHERS = [
    ("CurveBench.ecdsa", "ECDSA check, from DER and a compressed key"),
    ("CurveBench.ecdsaBare", "the same, native call alone, everything parsed"),
    ("CurveBench.schnorr", "Schnorr check, from 64 bytes and an x-only key"),
    ("CurveBench.schnorrBare", "the same, native call alone, key parsed"),
    ("CurveBench.schnorrOnHeap", "the same, parse and check without copies (critical calls)"),
    ("ScriptBench.taprootKey", "P2TR input by key"),
    ("ScriptBench.taprootScript", "P2TR input by script, tree of two leaves"),
    ("ScriptBench.legacyDigest", "legacy digest of one of 5,000 inputs (quadratic)"),
    ("HashBench.sha256d64", "SHA-256d of 64 bytes"),
    ("HashBench.sha256d80", "SHA-256d of 80 bytes"),
    ("HashBench.sha256OfMegabyte", "SHA-256 of a megabyte, a byte"),
    ("TransportBench.chaCha20OfMegabyte", "ChaCha20 of a megabyte alone, our Java code, a byte"),
    ("TransportBench.messageOfMegabyte", "a message of a megabyte through both ends of BIP-0324, a byte"),
    ("TransportBench.relayEncrypted", "short messages through both ends of BIP-0324, a byte"),
    ("TransportBench.relayPlain", "the same messages, plain, a byte"),
    ("AddressBench.addThenGood", "AddrManAddThenGood"),
    ("RealScriptsBench.scripts mainnet/866342 1", "scripts of mainnet 866342 (7,972 inputs), one thread"),
    ("RealScriptsBench.scripts mainnet/866342 2", "the same, two threads"),
    ("RealScriptsBench.scripts mainnet/367891 1", "scripts of mainnet 367891 (20,817 inputs), one thread"),
    ("RealScriptsBench.scripts mainnet/367891 2", "the same, two threads"),
    ("RealScriptsBench.scripts testnet3/928848 1", "scripts of testnet3 928848, one thread"),
    ("RealScriptsBench.scripts testnet3/928848 2", "the same, two threads"),
]

# What a reader must know of this run, for example that the machine was not quiet.
NOTE = os.environ.get("WEFT_BENCH_NOTE", "")

NANOS = {"ns/op": 1, "us/op": 1e3, "ms/op": 1e6}

NOTES = """\
## How to read it

Times are medians over iterations of the fork; bytes are what one operation allocates on the heap. Ratio is weft's time
over Bitcoin Core's: below 1 weft is the faster one. Core's figures were measured on the same machine with its own
`bench_bitcoin`, the only load then.

Each benchmark has the shape of Core's: VerifyScriptBench hashes the whole transaction anew for every input; the signing
ones run the script that they have signed, as Core does (Core also looks keys up in a provider and verifies each ECDSA
signature once more inside the key); DuplicateInputs has 24,286 inputs; the block is mainnet 413567. Of the six
EvictionProtection benchmarks only the smallest and the largest of Core's figures were noted, so their ratios are ranges.

In MempoolEviction and ComplexMemPool no two transactions spend one coin, which Core's lets pass and weft's mempool does
not; parents, children, sizes and fees are made as Core's are, so that families as large leave. Fees and families of
MempoolCheck are made as Core's too. AssembleBlock stands on 200 blocks, chooses among 101 transactions and checks the
block against the chain with scripts that are remembered as right; Core counts three Merkle trees in it, weft four,
because weft's check trusts nobody with the root. Core's BlockToJsonVerbose also has the fields of the header beside
the 1,557 transactions. AddrManAddThenGood has no figure of Core's.

## Slower than 1.2×, and why

**SHA256D64_1024** and with it **MerkleRoot**: Core hashes two messages at once with the processor's SHA instructions,
and knows the padding block of a 64-byte message beforehand. The JDK's intrinsic takes one message at a time and waits
for each round's result; "SHA-256 of a megabyte" above is its speed without any of our code, and a 64-byte message needs
three blocks of 64 bytes (two for the first hash, one for the second): three times that speed is the floor. Lanes of
plain `int` loops that the compiler turns into vector instructions were measured at 1.4 ns a byte with AVX-512, but are
slower than the intrinsic without it, and a program cannot ask which it runs on. The Vector API is still an incubator
module. For a block of 4,864 transactions the difference is half a millisecond.

## libsecp256k1 through the foreign function API

A check parses the signature and the key, and a compressed key costs a square root, about 4 µs. Up to 16,384 parsed
keys are kept, and the benchmarks use few keys: the rows above show a check whose key was known, which is what wallets
that use a key again give us; blocks where every key is new pay those 4 µs more. The copies to native memory vanish
beside either. Calls that read the Java heap in place ("critical") save nothing that can be
measured, hold up the garbage collector for the length of a check, and may not call back, which the library does when
misused. So there are none.

## Memory

Elements on the script stack are shared, never copied; small numbers exist once; a script without pushes of its own
allocates nothing but its stack. Signatures and scripts that were right are remembered in two sets of salted digests
with one fixed bound (`-maxsigcachesize`, 32 MiB).
"""


ENCRYPTION_HEAD = "## Encryption"

# Between the table of bench/flood and the rest.
FLOOD_HEAD = "## Under a flood"

FLOOD_NOTES = """\
Made by `weft bench flood --seconds 45 --json bench/flood/NAME.json`; for Bitcoin Core with `--node bitcoind`, for the small
heap with `WEFT_JAVA_OPTS=-Xmx512m`. All attackers send all the time as fast as they are read: by number of messages 30 %
pings, 20 % announcements of 50,000 ids, 10 % each of requests for old blocks, addresses, orphans and malformed messages;
10 % of them are silent. They run on the same cores as the node. Times are p50 / p99 / most, in milliseconds. Transactions
go to an inbound peer, where both programs wait five seconds on average before they announce. What "after" says is ten
seconds after the last message was sent; what was sent before is still being heard then, at the attackers' shares.
"""

# Between the tables of bench/sync and the rest.
SYNC_HEAD = "## Replaying a chain"

SYNC_NOTES = """\
Made by `weft bench sync --node weftd --node bitcoind --json bench/sync/NAME.json`: `-reindex` of the same synthetic block
files at `-dbcache=450`, each program alone and in turn, from the start of the process to its end. "Of rate" is the time
that both cores take to verify all signatures of the chain and do nothing else, divided by the time of the replay. Where
the rest goes is in the record "Blocks in flight" under `docs/adr`.
"""


def java():
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin/java") if home else "java"
    says = subprocess.run([found, "-version"], capture_output=True, text=True, check=True).stderr
    version = re.search(r'version "(\d+)', says)
    if version is None or int(version.group(1)) < JAVA_LEAST:
        sys.exit(f"{found} is not a JDK of version {JAVA_LEAST} or later: set JAVA_HOME")
    return found


def measure(only):
    maven = os.environ.get("MVN", "mvn")
    subprocess.run(
        [maven, "-q", "-pl", "bench", "-am", "process-classes"], cwd=ROOT, check=True)
    classpath = f"{ROOT}/bench/target/classes:" + (ROOT / "bench/target/classpath").read_text()
    fork = f"-XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -Xmx2g -Dweft.vectors={VECTORS}"
    subprocess.run(
        [java(), "-cp", classpath, "org.openjdk.jmh.Main", only or ".*", "-f", "1", "-wi", "4",
         "-w", "700ms", "-i", "12", "-r", "300ms", "-prof", "gc", "-jvmArgs", fork,
         "-rf", "json", "-rff", str(RESULT)],
        cwd=ROOT, check=True)


def read(path):
    found = {}
    for result in json.loads(Path(path).read_text()):
        name = ".".join(result["benchmark"].split(".")[-2:])
        parameters = result.get("params", {})
        name = " ".join([name] + [parameters[key] for key in sorted(parameters)])
        metric = result["primaryMetric"]
        times = [time for fork in metric["rawData"] for time in fork]
        bytes_used = result["secondaryMetrics"].get("gc.alloc.rate.norm", {}).get("score", 0)
        found[name] = (statistics.median(times) * NANOS[metric["scoreUnit"]], bytes_used, result)
    return found


def time(nanos):
    for limit, divisor, unit in ((1e3, 1, "ns"), (1e6, 1e3, "µs"), (float("inf"), 1e6, "ms")):
        if nanos < limit:
            value = nanos / divisor
            return f"{value:.2f} {unit}" if value < 10 else f"{value:.1f} {unit}"
    raise ValueError(nanos)


def core_time(core):
    return f"{core[0] / 1e3:.0f} to {core[1] / 1e3:.0f} µs" if isinstance(core, tuple) else time(core)


def ratio(nanos, core):
    if isinstance(core, tuple):
        return f"{nanos / core[1]:.2f} to {nanos / core[0]:.2f}"
    return f"{nanos / core:.2f}"


def machine():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return f"{line.split(':')[1].strip()}, {os.cpu_count()} threads"
    except OSError:
        pass
    return platform.processor() or platform.machine()


def page(found):
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True,
        check=True).stdout.strip()
    any_result = next(iter(found.values()))[2]
    lines = [
        "# Performance", "",
        "Made by `bench/bench.py` from a run of the module `bench`; not edited by hand.", "",
        f"Machine: {machine()}. JDK: {any_result['jdkVersion']} ({any_result['vmName']}). Commit: {commit}.", "",
        *([f"**{NOTE}**", ""] if NOTE else []),
        "## Beside Bitcoin Core 28.1", "",
        "| Core's benchmark | a | Core | weft | ratio | bytes |", "|---|---|---|---|---|---|"]
    for ours, name, core, unit in CORE:
        nanos, used, _ = found[ours]
        lines.append(
            f"| {name} | {unit} | {core_time(core)} | {time(nanos)} | {ratio(nanos, core)} | {used:,.0f} |")
    lines += ["", "## More", "", "| what | weft | bytes |", "|---|---|---|"]
    for ours, what in OTHERS:
        nanos, used, _ = found[ours]
        lines.append(f"| {what} | {time(nanos)} | {used:,.0f} |")
    return "\n".join(lines) + "\n\n" + encryption(found) + flood_part() + sync_part() + NOTES


def encryption(found):
    """What rows S-116 and S-117 ask, from the same run."""
    def of_core(name):
        # Nanoseconds a byte are milliseconds a megabyte; a second of a core has a thousand.
        return found[name][0] / 10

    packet = 1 / found["TransportBench.packetOfMegabyte"][0]
    message = 1 / found["TransportBench.messageOfMegabyte"][0]
    sealed, plain = of_core("TransportBench.relayEncrypted"), of_core("TransportBench.relayPlain")
    return (
        f"{ENCRYPTION_HEAD}\n\n"
        f"One core encrypts {packet:.2f} GB/s of packets of a megabyte (S-116) and carries {message:.2f} GB/s of messages of\n"
        "a megabyte from one end of a connection to the other. At 1 MB/s of short messages, as in the relay of transactions,\n"
        f"both ends of an encrypted connection take {sealed:.2f} % of a core together, of a plain one {plain:.2f} %:\n"
        f"{sealed - plain:.2f} % more (S-117).\n\n")


def sync_part():
    lines = [SYNC_HEAD, ""]
    lines += ["| chain | node | scripts | seconds | CPU s | inputs/s | of rate | peak MiB |",
              "|---|---|---|---|---|---|---|---|"]
    found = sorted((ROOT / "bench/sync").glob("*.json"))
    if not found:
        return ""
    for path in found:
        run = json.loads(path.read_text())
        chain = run["chain"]
        for each in run["replays"]:
            share = run["signatureSeconds"] / each["seconds"]
            lines.append(
                f"| {chain['bytes'] / 1e6:,.0f} MB, {chain['inputs']:,} inputs | {Path(each['node']).name} "
                f"| {each['scripts']} | {each['seconds']:.2f} | {each['cpuSeconds']:.2f} "
                f"| {each['inputsPerSecond']:,.0f} | {f'{share:.0%}' if each['scripts'] == 'all' else '-'} "
                f"| {each['peakBytes'] / (1 << 20):,.0f} |")
    return "\n".join(lines) + "\n\n" + SYNC_NOTES + "\n"


def flood_part():
    found = sorted((ROOT / "bench/flood").glob("*.json"))
    columns = []
    for path in found:
        whole = json.loads(path.read_text())
        for run in whole["runs"]:
            options = whole["javaOptions"] if run["node"] != "bitcoind" else ""
            columns.append((f"{run['node']} {options}".strip(), whole, run["result"]))
    if not columns:
        return ""

    def times(figures):
        return " / ".join(f"{figures[key] * 1e3:,.1f}" for key in ("p50", "p99", "max"))

    def mebibytes(count):
        return f"{count / (1 << 20):,.0f}"

    rows = [
        ("attackers, messages a second read", lambda w, r: f"{w['peers']}, {r['load']['messages']:,.0f}"),
        ("hung up on them", lambda w, r: f"{r['load']['drops']:,} times"),
        ("block to an honest peer", lambda w, r: times(r["blocks"]["times"])),
        ("blocks", lambda w, r: f"{r['blocks']['times']['count']:,}, {r['blocks']['missing']:,} missing"),
        ("an honest peer's ping", lambda w, r: times(r["pings"])),
        ("an honest peer's transaction to another", lambda w, r: times(r["transactions"])),
        ("`getblockcount`", lambda w, r: times(r["questions"])),
        ("busy cores, ten seconds after",
         lambda w, r: f"{r['load']['cores']:.2f}, {r['load']['coresAfter']:.2f}"),
        ("resident MiB before, at most, after",
         lambda w, r: ", ".join(mebibytes(r["load"]["memory"][key]) for key in ("before", "peak", "after"))),
    ]
    lines = [FLOOD_HEAD, "", "| | " + " | ".join(name for name, _, _ in columns) + " |",
             "|---" * (len(columns) + 1) + "|"]
    for what, say in rows:
        lines.append(f"| {what} | " + " | ".join(say(whole, result) for _, whole, result in columns) + " |")
    return "\n".join(lines) + "\n\n" + FLOOD_NOTES + "\n"


def renew_flood():
    target = ROOT / "docs/performance.md"
    old = target.read_text(encoding="utf-8")
    rest = old.index(SYNC_HEAD)
    begin = old.index(FLOOD_HEAD) if FLOOD_HEAD in old else rest
    target.write_text(old[:begin] + flood_part() + old[rest:], encoding="utf-8")


def renew_encryption():
    measure("TransportBench")
    target = ROOT / "docs/performance.md"
    old = target.read_text(encoding="utf-8")
    rest = old.index(SYNC_HEAD)
    begin = old.index(ENCRYPTION_HEAD) if ENCRYPTION_HEAD in old else rest
    rest = old.index(FLOOD_HEAD) if FLOOD_HEAD in old else rest
    target.write_text(old[:begin] + encryption(read(RESULT)) + old[rest:], encoding="utf-8")


def renew_sync():
    target = ROOT / "docs/performance.md"
    old = target.read_text(encoding="utf-8")
    rest = old.index("## How to read it")
    begin = old.index(SYNC_HEAD) if SYNC_HEAD in old else rest
    target.write_text(old[:begin] + sync_part() + old[rest:], encoding="utf-8")


def main(arguments):
    if arguments[:1] == ["--sync"]:
        renew_sync()
        return
    if arguments[:1] == ["--flood"]:
        renew_flood()
        return
    if arguments[:1] == ["--encryption"]:
        renew_encryption()
        return
    if arguments[:1] == ["--only"]:
        measure(arguments[1])
        for name, (nanos, used, _) in sorted(read(RESULT).items()):
            print(f"{name}: {time(nanos)}, {used:,.0f} bytes")
        return
    if arguments[:1] == ["--page"]:
        source = arguments[1]
    else:
        measure(None)
        source = RESULT
    (ROOT / "docs/performance.md").write_text(page(read(source)), encoding="utf-8")


main(sys.argv[1:])
