package weft.p2p;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import weft.primitives.Bytes;
import weft.wire.Feature;
import weft.wire.FeeFilter;
import weft.wire.GetAddr;
import weft.wire.Inv;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Ping;
import weft.wire.SendAddrV2;
import weft.wire.SendCmpct;
import weft.wire.SendHeaders;
import weft.wire.SendTxRcncl;
import weft.wire.ServiceFlags;
import weft.wire.Unknown;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// What peers say while they shake hands, sense and nonsense, and where they are.
final class HandshakeWords {
    static final int PORT = 8333;
    static final long FULL = ServiceFlags.NETWORK | ServiceFlags.WITNESS;
    static final long PRUNED = ServiceFlags.NETWORK_LIMITED | ServiceFlags.WITNESS;

    static final List<NetAddress> PLACES =
            List.of(
                    ip("1.2.3.4:8333"),
                    ip("1.2.3.4:9999"),
                    ip("5.6.7.8:8333"),
                    ip("[2a01:100::1]:8333"),
                    ip("10.1.2.3:8333"),
                    ip("192.0.2.7:8333"),
                    ip("[fe80::1]:8333"),
                    ip("[2001:db8::1]:8333"),
                    ip("127.0.0.1:18444"),
                    ip("127.0.0.1:18445"),
                    NetAddress.UNSPECIFIED,
                    new NetAddress(NetworkId.TORV3, bytes(32, 0x71), PORT),
                    new NetAddress(NetworkId.I2P, bytes(32, 0x12), 0),
                    new NetAddress(NetworkId.CJDNS, bytes(16, 0xfc), PORT));

    /// What `version` can say of where we are.
    private static final List<NetAddress> SAYABLE =
            PLACES.stream().filter(NetAddress::isV1Compatible).toList();

    private static final List<Integer> OLD_VERSIONS =
            List.of(
                    Integer.MIN_VALUE,
                    -1,
                    0,
                    209,
                    31_799,
                    31_800,
                    31_801,
                    60_000,
                    60_001,
                    70_011,
                    70_012,
                    70_013,
                    70_014,
                    70_015,
                    70_016);

    private static NetAddress ip(String text) {
        return NetAddress.parse(text, PORT);
    }

    private static Bytes bytes(int length, int each) {
        byte[] all = new byte[length];
        Arrays.fill(all, (byte) each);
        return Bytes.wrap(all);
    }

    private final SplittableRandom random;

    HandshakeWords(SplittableRandom random) {
        this.random = random;
    }

    <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    boolean rarely(int times) {
        return random.nextInt(times) == 0;
    }

    VersionMessage version(long seconds, long nonce) {
        int version = any(List.of(70_016, 70_017, 70_017, 70_018, Integer.MAX_VALUE));
        List<Long> clocks =
                List.of(
                        seconds,
                        seconds - 700,
                        seconds + 3,
                        0L,
                        -1L,
                        Long.MIN_VALUE,
                        Long.MAX_VALUE);
        return new VersionMessage(
                rarely(3) ? any(OLD_VERSIONS) : version,
                rarely(3)
                        ? any(
                                List.of(
                                        0L,
                                        ServiceFlags.NETWORK,
                                        ServiceFlags.WITNESS,
                                        ServiceFlags.NETWORK_LIMITED,
                                        -1L))
                        : any(List.of(FULL, FULL | PRUNED, PRUNED, FULL | ServiceFlags.BLOOM)),
                any(clocks),
                new VersionAddress(random.nextLong(), any(SAYABLE)),
                new VersionAddress(random.nextLong(), any(SAYABLE)),
                nonce,
                any(
                        List.of(
                                "",
                                "/Satoshi:28.1.0/",
                                "/a\u0000b\u00ff\"<c>-_(?@!)/",
                                "x".repeat(256))),
                any(List.of(-1, 0, 800_000, Integer.MIN_VALUE)),
                !rarely(4));
    }

    /// Any message.
    ///
    /// @param seconds what time it is
    /// @param nonce of a `version`
    Message message(long seconds, long nonce) {
        return switch (random.nextInt(18)) {
            case 0, 1, 2, 3 -> version(seconds, nonce);
            case 4, 5, 6 -> new Verack();
            case 7, 8 -> new WtxidRelay();
            case 9 -> new SendAddrV2();
            case 10, 11 -> new SendTxRcncl(any(List.of(1L, 1L, 2L, 0xffff_ffffL, 0L)), 5);
            case 12, 13, 14 -> wish();
            case 15 -> new Feature(any(List.of(bytes(4, 'a'), bytes(80, 0xe9))), Bytes.EMPTY);
            case 16 -> new Unknown(any(List.of("alert", "o\u0001d\"d", "")), Bytes.EMPTY);
            default -> any(List.of(Ping.of(3), Inv.of(), new GetAddr(), new FeeFilter(1)));
        };
    }

    /// How new blocks should come.
    Message wish() {
        return rarely(3)
                ? new SendHeaders()
                : new SendCmpct(random.nextBoolean(), any(List.of(1L, 2L, 2L, 3L)));
    }
}
