package weft.wire;

import java.util.Comparator;
import java.util.OptionalInt;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// Where a node listens: an address of some network and a port. Immutable; ordered by network, address, port.
///
/// @param network which network
/// @param address the address in network byte order, as many bytes as the network's addresses have
/// @param port 0 to 65,535; I2P uses 0
public record NetAddress(NetworkId network, Bytes address, int port)
        implements Comparable<NetAddress> {
    /// The IPv6 address `::` and port 0: no address at all.
    public static final NetAddress UNSPECIFIED =
            new NetAddress(NetworkId.IPV6, Bytes.wrap(new byte[16]), 0);

    private static final Bytes IPV4_BROADCAST = Bytes.parse("ffffffff");
    private static final Bytes IPV4_PREFIX = Bytes.parse("00000000000000000000ffff");
    private static final Bytes TORV2_PREFIX = Bytes.parse("fd87d87eeb43");
    private static final Bytes INTERNAL_PREFIX = Bytes.parse("fd6b88c08724");
    private static final int MAX_V2_BYTES = 512;

    private static final Comparator<NetAddress> ORDER =
            Comparator.comparing(NetAddress::network)
                    .thenComparing(NetAddress::address)
                    .thenComparingInt(NetAddress::port);

    /// Checks length and port.
    public NetAddress {
        Check.argument(address.length() == network.addressBytes(), "wrong length of address");
        Check.argument(port >>> 16 == 0, "port is not a uint16");
        address = address.compact();
    }

    /// An address from the 4 or 16 bytes of a socket; IPv4 inside IPv6 becomes IPv4.
    ///
    /// @param ip 4 or 16 bytes
    public static NetAddress ofIp(byte[] ip, int port) {
        return ip.length == NetworkId.IPV4.addressBytes()
                ? new NetAddress(NetworkId.IPV4, Bytes.copyOf(ip), port)
                : ofLegacyIpv6(Bytes.copyOf(ip), port);
    }

    /// The pseudo address that stands for a name, such as that of a DNS seed.
    public static NetAddress internal(String name) {
        byte[] hash = Sha256.hash(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return new NetAddress(NetworkId.INTERNAL, Bytes.wrap(hash).slice(0, 10), 0);
    }

    /// Reads a numeric address with or without a port: `1.2.3.4:8333`, `[::1]:8333`, `….onion:8333`,
    /// `….b32.i2p:0`. Names are not looked up.
    ///
    /// @param defaultPort the port where the text has none
    /// @throws IllegalArgumentException if the text is none of these
    public static NetAddress parse(String text, int defaultPort) {
        return AddressText.parse(text, defaultPort);
    }

    private static NetAddress ofLegacyIpv6(Bytes ip, int port) {
        if (ip.startsWith(IPV4_PREFIX)) {
            return new NetAddress(NetworkId.IPV4, ip.from(IPV4_PREFIX.length()), port);
        }
        if (ip.startsWith(TORV2_PREFIX)) {
            return UNSPECIFIED.withPort(port);
        }
        if (ip.startsWith(INTERNAL_PREFIX)) {
            return new NetAddress(NetworkId.INTERNAL, ip.from(INTERNAL_PREFIX.length()), port);
        }
        return new NetAddress(NetworkId.IPV6, ip, port);
    }

    /// Reads 16 bytes and a port, the form of `version` and `addr`. Version 2 onion addresses, which nobody
    /// can reach any more, become `::`.
    public static NetAddress readV1(ByteReader in) {
        Bytes ip = in.slice(NetworkId.IPV6.addressBytes());
        return ofLegacyIpv6(ip, in.u16BigEndian());
    }

    /// Writes 16 bytes and a port; networks that do not fit become `::`.
    public void writeV1(ByteWriter out) {
        writeV1Address(out);
        out.u16BigEndian(port);
    }

    private void writeV1Address(ByteWriter out) {
        switch (network) {
            case IPV4 -> out.bytes(IPV4_PREFIX).bytes(address);
            case IPV6 -> out.bytes(address);
            case INTERNAL -> out.bytes(INTERNAL_PREFIX).bytes(address);
            case TORV3, I2P, CJDNS -> out.bytes(UNSPECIFIED.address);
        }
    }

    /// Reads network, address and port as in `addrv2`. See BIP-0155. Addresses of unknown networks, and IPv4
    /// or version 2 onion addresses dressed as IPv6, become `::`.
    ///
    /// @throws MalformedBytes if the length does not fit the network, or is over 512
    public static NetAddress readV2(ByteReader in) {
        int id = in.u8();
        int size = in.compactSize();
        if (size > MAX_V2_BYTES) {
            throw new MalformedBytes("Address too long: " + size + " > " + MAX_V2_BYTES);
        }
        NetAddress found = UNSPECIFIED;
        boolean known = false;
        for (NetworkId network : NetworkId.values()) {
            if (network.bip155Id() == id && id != 0) {
                known = true;
                found = readV2Known(in, network, size);
            }
        }
        if (!known) {
            in.skip(size);
        }
        return found.withPort(in.u16BigEndian());
    }

    private static NetAddress readV2Known(ByteReader in, NetworkId network, int size) {
        if (size != network.addressBytes()) {
            throw new MalformedBytes(
                    "BIP155 "
                            + bip155Name(network)
                            + " address with length "
                            + size
                            + " (should be "
                            + network.addressBytes()
                            + ")");
        }
        Bytes address = in.slice(size);
        if (network != NetworkId.IPV6) {
            return new NetAddress(network, address, 0);
        }
        return address.startsWith(IPV4_PREFIX) ? UNSPECIFIED : ofLegacyIpv6(address, 0);
    }

    private static String bip155Name(NetworkId network) {
        return switch (network) {
            case IPV4 -> "IPv4";
            case IPV6 -> "IPv6";
            case TORV3 -> "TORv3";
            case I2P -> "I2P";
            case CJDNS -> "CJDNS";
            case INTERNAL -> "internal";
        };
    }

    /// Writes network, address and port as in `addrv2`.
    public void writeV2(ByteWriter out) {
        if (network == NetworkId.INTERNAL) {
            out.u8(NetworkId.IPV6.bip155Id()).compactSize(NetworkId.IPV6.addressBytes());
            writeV1(out);
            return;
        }
        out.u8(network.bip155Id()).varBytes(address).u16BigEndian(port);
    }

    /// The same address with another port.
    public NetAddress withPort(int newPort) {
        return newPort == port ? this : new NetAddress(network, address, newPort);
    }

    /// An IPv6 address of fc00::/8 as one of CJDNS, for nodes that have CJDNS; anything else as it is.
    public NetAddress flipToCjdns() {
        return network == NetworkId.IPV6 && address.at(0) == 0xfc
                ? new NetAddress(NetworkId.CJDNS, address, port)
                : this;
    }

    /// Whether the form of `addr` can carry it.
    public boolean isV1Compatible() {
        return network == NetworkId.IPV4
                || network == NetworkId.IPV6
                || network == NetworkId.INTERNAL;
    }

    /// Whether it is `0.0.0.0` or `::`.
    public boolean isBindAny() {
        return (network == NetworkId.IPV4 || network == NetworkId.IPV6)
                && AddressRange.isZero(address);
    }

    /// Whether it is loopback, or 0.0.0.0/8.
    public boolean isLocal() {
        return AddressRange.LOCAL.contains(this);
    }

    /// Whether it lies in a reserved range.
    public boolean isIn(AddressRange range) {
        return range.contains(this);
    }

    /// Whether it could name a host: not `::`, `0.0.0.0`, `255.255.255.255`, documentation, or internal.
    public boolean isValid() {
        return switch (network) {
            case IPV4 -> !AddressRange.isZero(address) && !address.equals(IPV4_BROADCAST);
            case IPV6 -> !AddressRange.isZero(address) && !isIn(AddressRange.RFC3849);
            case TORV3, I2P -> true;
            case CJDNS -> address.at(0) == 0xfc;
            case INTERNAL -> false;
        };
    }

    /// Whether hosts all over the world can reach it.
    public boolean isRoutable() {
        return isValid() && !AddressRange.isUnroutable(this);
    }

    /// Whether it may be gossiped even where we cannot reach it.
    public boolean isRelayable() {
        return network != NetworkId.INTERNAL;
    }

    /// Whether its network hides where peers are: Tor and I2P.
    public boolean isPrivacyNet() {
        return network == NetworkId.TORV3 || network == NetworkId.I2P;
    }

    /// Name of the network as `getpeerinfo` shows it: [NetworkId#label] or `not_publicly_routable`.
    public String networkLabel() {
        return network == NetworkId.INTERNAL || isRoutable()
                ? network.label()
                : "not_publicly_routable";
    }

    /// The bytes that address managers hash: 16 where `addr` can carry the address, else as many as it has.
    public Bytes addrBytes() {
        if (!isV1Compatible()) {
            return address;
        }
        var out = new ByteWriter(16);
        writeV1Address(out);
        return out.toBytes();
    }

    /// [#addrBytes] and the port, big-endian.
    public Bytes key() {
        return new ByteWriter(34).bytes(addrBytes()).u16BigEndian(port).toBytes();
    }

    /// What addresses of one operator probably have in common: /16 of IPv4 (also inside of IPv6), /32 of
    /// IPv6, 4 bits of Tor and I2P, all local ones together.
    public Bytes netGroup() {
        return NetGroup.of(this);
    }

    /// The IPv4 address, as 32 bits, that a routable address is or has inside (6to4, Teredo, translated).
    public OptionalInt linkedIpv4() {
        return NetGroup.linkedIpv4(this);
    }

    /// How well this address of ours can be reached from a peer's, in steps from 0 (not at all) to 6 (private
    /// network): what decides which of our addresses a peer is told.
    public int reachabilityFrom(NetAddress partner) {
        return Reachability.of(this, partner);
    }

    @Override
    public int compareTo(NetAddress other) {
        return ORDER.compare(this, other);
    }

    /// The address without the port, as Bitcoin Core prints it.
    public String addressText() {
        return AddressText.format(this);
    }

    /// Address and port: `1.2.3.4:8333`, `[::1]:8333`, `….onion:8333`.
    @Override
    public String toString() {
        return network == NetworkId.IPV6 || network == NetworkId.CJDNS
                ? "[" + addressText() + "]:" + port
                : addressText() + ":" + port;
    }
}
