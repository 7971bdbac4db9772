package weft.p2p.record;

import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.P2pOptions;
import weft.p2p.PeerEngine;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AcquaintancesFile;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.AddrManFile;
import weft.p2p.peers.BanEntry;
import weft.p2p.peers.BanList;
import weft.p2p.sync.SyncRules;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;
import weft.wire.NetAddress;

/// All that a [PeerEngine] begins with. Two engines that are built of one start and given the same inputs at
/// the same times decide the same.
///
/// It holds secrets of the node: whoever has the seed knows what its random numbers will be.
///
/// @param program name and version of what ran
/// @param chain the rules that headers are held to
/// @param options anchors among them
/// @param seed of all chance, 32 bytes
/// @param book addresses
/// @param bans of the operator
/// @param locals addresses of our own that were found before the first input, and their scores; empty for
///     those of `options` alone
/// @param servesFilters whether there are block filters to serve
/// @param begin when
public record EngineStart(
        String program,
        Chain chain,
        P2pOptions options,
        Bytes seed,
        Book book,
        Bans bans,
        Map<NetAddress, Integer> locals,
        boolean servesFilters,
        Now begin) {
    private static final String FORM = "weft flight record 3";

    /// Copies the map.
    public EngineStart {
        locals = java.util.Collections.unmodifiableMap(new TreeMap<>(locals));
    }

    /// The rules of a chain.
    ///
    /// @param minimumWork work below which a chain is not downloaded
    /// @param segwitHeight from which blocks may have witnesses
    public record Chain(Network network, BigInteger minimumWork, int segwitHeight) {
        /// Those of a network, as the operator changed them.
        public static Chain of(ChainParams params, BigInteger minimumWork) {
            return new Chain(params.network(), minimumWork, params.heights().segwit());
        }
    }

    /// The address book.
    ///
    /// @param file as `peers.dat`
    /// @param met as `acquaintances.dat`
    /// @param checkEvery it is checked at one in so many changes; 0 for never
    public record Book(Bytes file, Bytes met, int checkEvery) {
        /// A book that exists.
        public static Book of(AddrMan book, Acquaintances met, Network network, int checkEvery) {
            Bytes magic = magic(network);
            return new Book(
                    AddrManFile.write(book, magic),
                    AcquaintancesFile.write(met, magic),
                    checkEvery);
        }
    }

    /// The operator's bans.
    ///
    /// @param time how long a ban lasts where nothing else is said
    public record Bans(Duration time, List<BanEntry> entries) {
        /// Copies the list.
        public Bans {
            entries = List.copyOf(entries);
        }
    }

    private static Bytes magic(Network network) {
        return ChainParams.of(network).identity().magic();
    }

    /// With addresses of our own.
    public EngineStart withLocals(Map<NetAddress, Integer> found) {
        return new EngineStart(
                program, chain, options, seed, book, bans, found, servesFilters, begin);
    }

    /// With other chance.
    public EngineStart withSeed(Bytes other) {
        return new EngineStart(
                program, chain, options, other, book, bans, locals, servesFilters, begin);
    }

    /// Builds the engine; each time the same.
    ///
    /// @throws MalformedBytes if the address book is none
    public PeerEngine build(Log log) {
        var random = new SeededRandom(seed);
        AddrMan addresses =
                AddrManFile.read(
                        book.file, magic(chain.network), options.sources().groups(), random, log);
        addresses.checkEvery(book.checkEvery);
        var list = new BanList(bans.time, random);
        list.load(bans.entries, begin.unixSeconds());
        Acquaintances met = AcquaintancesFile.read(book.met, magic(chain.network));
        var memory = new PeerEngine.Memory(addresses, list, met);
        var engine = new PeerEngine(options, memory, rules(), random, log);
        if (!locals.isEmpty()) {
            engine.locals().restore(locals);
        }
        return engine;
    }

    private SyncRules rules() {
        SyncRules network = SyncRules.of(ChainParams.of(chain.network), chain.minimumWork);
        int segwit = chain.segwitHeight;
        return new SyncRules() {
            @Override
            public BigInteger minimumChainWork() {
                return network.minimumChainWork();
            }

            @Override
            public long targetSpacingSeconds() {
                return network.targetSpacingSeconds();
            }

            @Override
            public BigInteger work(BlockHeader header) {
                return network.work(header);
            }

            @Override
            public boolean hasValidWork(BlockHeader header, BlockHash hash) {
                return network.hasValidWork(header, hash);
            }

            @Override
            public boolean isPermittedTransition(long height, long bitsBefore, long bits) {
                return network.isPermittedTransition(height, bitsBefore, bits);
            }

            @Override
            public boolean isSegwitActive(int height) {
                return height >= segwit;
            }
        };
    }

    // ---- bytes

    void write(FormWriter out) {
        out.text(FORM).text(program);
        out.text(chain.network.chainName())
                .bytes(Bytes.wrap(chain.minimumWork.toByteArray()))
                .i32(chain.segwitHeight);
        OptionsForm.write(options, out);
        out.bytes(seed).bytes(book.file).bytes(book.met).i32(book.checkEvery);
        OptionsForm.duration(bans.time, out);
        out.list(
                bans.entries,
                each ->
                        out.subnet(each.subnet())
                                .i64(each.createdSeconds())
                                .i64(each.untilSeconds())
                                .u8(each.reason().ordinal()));
        out.list(
                List.copyOf(locals.entrySet()),
                each -> out.address(each.getKey()).i32(each.getValue()));
        out.bool(servesFilters).now(begin);
    }

    static EngineStart read(FormReader in) {
        if (!in.text().equals(FORM)) {
            throw new MalformedBytes("not a flight record of a form that is known");
        }
        return new EngineStart(
                in.text(),
                chain(in),
                OptionsForm.read(in),
                seed(in),
                new Book(in.bytes(), in.bytes(), in.i32()),
                new Bans(OptionsForm.duration(in), in.list(() -> ban(in))),
                locals(in),
                in.bool(),
                in.now());
    }

    private static Chain chain(FormReader in) {
        Network network =
                Network.parse(in.text())
                        .orElseThrow(() -> new MalformedBytes("of a network that is unknown"));
        return new Chain(network, new BigInteger(1, in.bytes().toByteArray()), in.i32());
    }

    private static Bytes seed(FormReader in) {
        Bytes seed = in.bytes();
        if (seed.length() != SeededRandom.SEED_BYTES) {
            throw new MalformedBytes("a seed has 32 bytes");
        }
        return seed;
    }

    private static BanEntry ban(FormReader in) {
        return new BanEntry(in.subnet(), in.i64(), in.i64(), in.oneOf(BanEntry.Reason.values()));
    }

    private static Map<NetAddress, Integer> locals(FormReader in) {
        var found = new TreeMap<NetAddress, Integer>();
        in.list(() -> Map.entry(in.address(), in.i32()))
                .forEach(each -> found.put(each.getKey(), each.getValue()));
        return found;
    }
}
