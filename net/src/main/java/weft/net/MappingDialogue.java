package weft.net;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.wire.NetAddress;

/// Asks one gateway to let others reach a port of ours: by PCP (RFC 6887), and where the gateway knows only
/// its predecessor, by NAT-PMP (RFC 6886). Knows no socket and no clock.
///
/// Every packet is answered by one, or lost: who drives this sends again what was not answered in time.
final class MappingDialogue {
    /// Where gateways listen, by UDP.
    static final int GATEWAY_PORT = 5351;

    /// No answer is longer (RFC 6887, section 7).
    static final int PACKET_BYTES_MAX = 1_100;

    private static final int PCP_VERSION = 2;
    private static final int NAT_PMP_VERSION = 0;
    private static final int PCP_MAP = 1;
    private static final int NAT_PMP_ADDRESS = 0;
    private static final int NAT_PMP_MAP_TCP = 2;
    private static final int ANSWER = 0x80;
    private static final int TCP = 6;
    private static final int OK = 0;
    private static final int UNSUPPORTED_VERSION = 1;
    static final int NONCE_BYTES = 12;
    private static final int IP_BYTES = 16;

    private final byte[] client;
    private final int port;
    private final long lifetimeSeconds;
    private final Bytes nonce;
    private Stage stage = Stage.PCP;
    private byte @Nullable [] external;

    private enum Stage {
        PCP,
        NAT_PMP_ADDRESS,
        NAT_PMP_MAP,
        DONE
    }

    /// What to do next.
    sealed interface Step {
        /// Send this, and again where no answer comes.
        record Send(Bytes packet) implements Step {}

        /// Others reach us there for so long.
        record Mapped(NetAddress external, Duration lifetime, String protocol) implements Step {}

        /// The gateway will not.
        record Refused(String why) implements Step {}
    }

    /// @param client our address, as the gateway sees it
    /// @param port on which we listen
    /// @param lifetime how long the mapping shall last; zero ends one
    /// @param nonce 12 bytes that nobody can guess, the same for all requests about a mapping
    MappingDialogue(InetAddress client, int port, Duration lifetime, Bytes nonce) {
        this.client = client.getAddress();
        this.port = port;
        this.lifetimeSeconds = lifetime.toSeconds();
        this.nonce = nonce;
    }

    /// The first step.
    Step.Send begin() {
        stage = Stage.PCP;
        var out = new ByteWriter(60);
        out.u8(PCP_VERSION).u8(PCP_MAP).u16BigEndian(0);
        out.bytes(big(lifetimeSeconds)).bytes(Bytes.wrap(mapped(client)));
        out.bytes(nonce).u8(TCP).u8(0).u16BigEndian(0).u16BigEndian(port);
        // Any port will do, the same would be best; any address too.
        out.u16BigEndian(port).bytes(Bytes.wrap(mapped(new byte[client.length])));
        return new Step.Send(out.toBytes());
    }

    /// Takes a packet of the gateway.
    ///
    /// @return empty if it is no answer to what was asked, so that the wait goes on
    Optional<Step> received(byte[] packet) {
        try {
            var in = ByteReader.of(packet);
            int version = in.u8();
            int operation = in.u8();
            return switch (stage) {
                case PCP ->
                        version == NAT_PMP_VERSION
                                ? oldGateway(in)
                                : version == PCP_VERSION && operation == (ANSWER | PCP_MAP)
                                        ? pcp(in)
                                        : Optional.empty();
                case NAT_PMP_ADDRESS ->
                        version == NAT_PMP_VERSION && operation == (ANSWER | NAT_PMP_ADDRESS)
                                ? address(in)
                                : Optional.empty();
                case NAT_PMP_MAP ->
                        version == NAT_PMP_VERSION && operation == (ANSWER | NAT_PMP_MAP_TCP)
                                ? map(in)
                                : Optional.empty();
                case DONE -> Optional.empty();
            };
        } catch (MalformedBytes e) {
            return Optional.empty();
        }
    }

    /// A gateway of before PCP says that it does not know our version.
    private Optional<Step> oldGateway(ByteReader in) {
        if (in.u16BigEndian() != UNSUPPORTED_VERSION) {
            return Optional.empty();
        }
        return Optional.of(askOld());
    }

    private Step askOld() {
        if (client.length == IP_BYTES) {
            return refuse("the gateway knows no PCP, and NAT-PMP knows no IPv6");
        }
        stage = Stage.NAT_PMP_ADDRESS;
        return new Step.Send(new ByteWriter(2).u8(NAT_PMP_VERSION).u8(NAT_PMP_ADDRESS).toBytes());
    }

    private Optional<Step> pcp(ByteReader in) {
        in.u8();
        int result = in.u8();
        long seconds = unsigned(in);
        in.skip(4 + 12);
        if (result == UNSUPPORTED_VERSION) {
            return Optional.of(askOld());
        }
        boolean isOurs = in.slice(NONCE_BYTES).equals(nonce) && in.u8() == TCP;
        in.skip(3);
        if (!isOurs || in.u16BigEndian() != port) {
            return Optional.empty();
        }
        if (result != OK) {
            return Optional.of(refuse("the gateway answers PCP with " + result));
        }
        int outside = in.u16BigEndian();
        byte[] ip = in.bytes(IP_BYTES);
        return Optional.of(done(NetAddress.ofIp(unmapped(ip), outside), seconds, "PCP"));
    }

    private Optional<Step> address(ByteReader in) {
        int result = in.u16BigEndian();
        if (result != OK) {
            return Optional.of(refuse("the gateway answers NAT-PMP with " + result));
        }
        in.skip(4);
        external = in.bytes(4);
        stage = Stage.NAT_PMP_MAP;
        var out = new ByteWriter(12);
        out.u8(NAT_PMP_VERSION).u8(NAT_PMP_MAP_TCP).u16BigEndian(0);
        // What ends a mapping asks for no port.
        out.u16BigEndian(port)
                .u16BigEndian(lifetimeSeconds == 0 ? 0 : port)
                .bytes(big(lifetimeSeconds));
        return Optional.of(new Step.Send(out.toBytes()));
    }

    private Optional<Step> map(ByteReader in) {
        int result = in.u16BigEndian();
        in.skip(4);
        if (in.u16BigEndian() != port) {
            return Optional.empty();
        }
        if (result != OK) {
            return Optional.of(refuse("the gateway answers NAT-PMP with " + result));
        }
        int outside = in.u16BigEndian();
        byte[] ip = weft.primitives.Check.present(external, "asked for before");
        return Optional.of(done(NetAddress.ofIp(ip, outside), unsigned(in), "NAT-PMP"));
    }

    private Step done(NetAddress address, long seconds, String protocol) {
        stage = Stage.DONE;
        return new Step.Mapped(address, Duration.ofSeconds(seconds), protocol);
    }

    private Step refuse(String why) {
        stage = Stage.DONE;
        return new Step.Refused(why);
    }

    private static long unsigned(ByteReader in) {
        return ((long) in.u16BigEndian() << 16) | in.u16BigEndian();
    }

    private static Bytes big(long value) {
        return new ByteWriter(4)
                .u16BigEndian((int) (value >>> 16) & 0xffff)
                .u16BigEndian((int) value & 0xffff)
                .toBytes();
    }

    /// An IPv4 address as an IPv6 one.
    private static byte[] mapped(byte[] ip) {
        if (ip.length == IP_BYTES) {
            return ip;
        }
        byte[] all = new byte[IP_BYTES];
        all[10] = (byte) 0xff;
        all[11] = (byte) 0xff;
        System.arraycopy(ip, 0, all, 12, 4);
        return all;
    }

    private static byte[] unmapped(byte[] ip) {
        byte[] four = Arrays.copyOfRange(ip, 12, IP_BYTES);
        return Arrays.equals(mapped(four), ip) ? four : ip;
    }
}
