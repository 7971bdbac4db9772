package weft.wire;

import weft.primitives.Bytes;
import weft.primitives.Check;

/// A range of addresses, as bans and permissions name them: `1.2.3.0/24`, `2001:db8::/32`, or one address of
/// any network. Immutable; ordered by first address, then mask.
///
/// @param base first address, with port 0
/// @param mask as long as the address for IPv4 and IPv6, one bits before zero bits; empty for the other
///     networks, which have no ranges
public record Subnet(NetAddress base, Bytes mask) implements Comparable<Subnet> {
    /// Checks the mask and clears the bits of the base that it does not cover.
    public Subnet {
        boolean ranged = base.network() == NetworkId.IPV4 || base.network() == NetworkId.IPV6;
        Check.argument(
                mask.length() == (ranged ? base.address().length() : 0), "wrong length of mask");
        Check.argument(isMask(mask), "mask has one bits after zero bits");
        Check.argument(base.network() != NetworkId.INTERNAL, "internal addresses have no ranges");
        base =
                new NetAddress(
                        base.network(), ranged ? and(base.address(), mask) : base.address(), 0);
    }

    /// The range of one address.
    public static Subnet of(NetAddress address) {
        boolean ranged = address.network() == NetworkId.IPV4 || address.network() == NetworkId.IPV6;
        return ranged
                ? of(address, address.address().length() * 8)
                : new Subnet(address, Bytes.EMPTY);
    }

    /// The range of all addresses that begin with the same bits.
    ///
    /// @param address of IPv4 or IPv6
    /// @param bits 0 to 32, or to 128
    /// @throws IllegalArgumentException if the network has no ranges, or not so many bits
    public static Subnet of(NetAddress address, int bits) {
        int length = address.address().length();
        Check.argument(bits >= 0 && bits <= length * 8, "more bits than the address has");
        byte[] mask = new byte[length];
        for (int i = 0; i < length; i++) {
            int ones = Math.clamp(bits - 8L * i, 0, 8);
            mask[i] = (byte) (0xff << (8 - ones));
        }
        return new Subnet(address, Bytes.wrap(mask));
    }

    /// Reads an address, with `/BITS` or `/MASK` behind it for IPv4 and IPv6.
    ///
    /// @throws IllegalArgumentException if the text is nothing like that
    public static Subnet parse(String text) {
        int slash = text.lastIndexOf('/');
        if (slash < 0) {
            return of(AddressText.parseHost(text));
        }
        NetAddress base = AddressText.parseHost(text.substring(0, slash));
        String mask = text.substring(slash + 1);
        if (AddressText.isNumber(mask, 3)) {
            return of(base, Integer.parseInt(mask));
        }
        NetAddress maskAddress = AddressText.parseHost(mask);
        Check.argument(maskAddress.network() == base.network(), "mask of another network: " + text);
        return new Subnet(base, maskAddress.address());
    }

    private static boolean isMask(Bytes mask) {
        boolean ended = false;
        for (int bit = 0; bit < mask.length() * 8; bit++) {
            boolean one = (mask.at(bit / 8) & (0x80 >> bit % 8)) != 0;
            if (one && ended) {
                return false;
            }
            ended = !one;
        }
        return true;
    }

    private static Bytes and(Bytes address, Bytes mask) {
        byte[] both = address.toByteArray();
        for (int i = 0; i < both.length; i++) {
            both[i] &= (byte) mask.at(i);
        }
        return Bytes.wrap(both);
    }

    /// Whether a valid address lies in the range, whatever its port.
    public boolean contains(NetAddress address) {
        if (!address.isValid() || address.network() != base.network()) {
            return false;
        }
        return mask.isEmpty()
                ? address.address().equals(base.address())
                : and(address.address(), mask).equals(base.address());
    }

    @Override
    public int compareTo(Subnet other) {
        int order = base.compareTo(other.base);
        return order == 0 ? mask.compareTo(other.mask) : order;
    }

    /// The text that `listbanned` shows: `1.2.3.0/24`, or an address alone where there are no ranges.
    @Override
    public String toString() {
        int bits = 0;
        for (int i = 0; i < mask.length(); i++) {
            bits += Integer.bitCount(mask.at(i));
        }
        return mask.isEmpty() ? base.addressText() : base.addressText() + "/" + bits;
    }
}
