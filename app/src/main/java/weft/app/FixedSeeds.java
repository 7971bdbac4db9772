package weft.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import weft.consensus.ChainParams;
import weft.primitives.Check;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// Addresses that come with the program, for a start with an empty address book while DNS is silent.
///
/// One text file a network, `address:port` a line; only IPv4 and IPv6, which is what the program can dial.
final class FixedSeeds {
    private static final long SERVICES = ServiceFlags.NETWORK | ServiceFlags.WITNESS;

    private FixedSeeds() {}

    /// The addresses of a network; none for regtest and for a signet of one's own. When they were last seen
    /// is left to who uses them.
    static List<AddressEntry> of(ChainParams params) {
        ChainParams known = ChainParams.of(params.network());
        boolean own = !known.identity().magic().equals(params.identity().magic());
        return switch (params.network()) {
            case REGTEST -> List.of();
            case SIGNET -> own ? List.of() : read(params);
            case MAIN, TESTNET3, TESTNET4 -> read(params);
        };
    }

    private static List<AddressEntry> read(ChainParams params) {
        String name = "seeds/" + params.network().chainName() + ".txt";
        int port = params.identity().p2pPort();
        try (InputStream in =
                Check.present(FixedSeeds.class.getResourceAsStream(name), "the list is bundled")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .map(line -> new AddressEntry(0, SERVICES, NetAddress.parse(line, port)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("read " + name, e);
        }
    }
}
