package weft.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.NetGroups;
import weft.primitives.log.Log;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// The address book, in the shape of Bitcoin Core's: 64 sources tell of 256 random addresses each.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AddressBench {
    private static final int SOURCES = 64;
    private static final int ADDRESSES = 256;
    private static final long NOW = 1_700_000_000;

    private final SplittableRandom random = new SplittableRandom(123);
    private final List<NetAddress> sources = new ArrayList<>();
    private final List<List<AddressEntry>> heard = new ArrayList<>();
    private final AddrMan full;

    /// A state with a book that is full.
    public AddressBench() {
        for (int i = 0; i < SOURCES; i++) {
            sources.add(address());
            var told = new ArrayList<AddressEntry>();
            for (int k = 0; k < ADDRESSES; k++) {
                told.add(new AddressEntry(NOW, ServiceFlags.NETWORK, address()));
            }
            heard.add(told);
        }
        full = fill();
    }

    private NetAddress address() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return NetAddress.ofIp(bytes, 1 + random.nextInt(65_535));
    }

    private AddrMan fill() {
        var book = new AddrMan(AddrMan.newKey(random), NetGroups.PUBLIC, random, Log.NONE);
        for (int i = 0; i < SOURCES; i++) {
            book.add(heard.get(i), sources.get(i), 0, NOW);
        }
        return book;
    }

    /// Core's AddrManAdd: a new book and all addresses.
    @Benchmark
    public AddrMan add() {
        return fill();
    }

    /// Core's AddrManAddThenGood: and a handshake with each.
    @Benchmark
    public AddrMan addThenGood() {
        AddrMan book = fill();
        heard.forEach(told -> told.forEach(each -> book.good(each.address(), NOW)));
        return book;
    }

    /// Core's AddrManSelect.
    @Benchmark
    public AddrMan.@Nullable Selected select() {
        return full.select(false, null, NOW);
    }

    /// Core's AddrManGetAddr.
    @Benchmark
    public List<AddressEntry> getAddr() {
        return full.sample(2500, 23, null, true, NOW);
    }
}
