package weft.wallet.descriptor;

import java.util.Arrays;

/// The eight characters behind a descriptor that find mistakes in it. See BIP-0380.
public final class DescriptorChecksum {
    private static final String INPUT_CHARSET =
            "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~"
                    + "ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
    private static final String CHECKSUM_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static final long[] GENERATOR = {
        0xf5dee51989L, 0xa9fdca3312L, 0x1bab10e32dL, 0x3706b1677aL, 0x644d626ffdL
    };
    private static final int LENGTH = 8;
    private static final byte[] POSITIONS = positions();

    private DescriptorChecksum() {}

    private static byte[] positions() {
        byte[] positions = new byte[128];
        Arrays.fill(positions, (byte) -1);
        for (int i = 0; i < INPUT_CHARSET.length(); i++) {
            positions[INPUT_CHARSET.charAt(i)] = (byte) i;
        }
        return positions;
    }

    private static long step(long c, int value) {
        long top = c >>> 35;
        long next = ((c & 0x7ffffffffL) << 5) ^ value;
        for (int i = 0; i < GENERATOR.length; i++) {
            if ((top >>> i & 1) == 1) {
                next ^= GENERATOR[i];
            }
        }
        return next;
    }

    /// The checksum of a descriptor without one; empty if a character cannot be in a descriptor.
    public static String of(String descriptor) {
        long c = 1;
        int group = 0;
        int count = 0;
        for (int i = 0; i < descriptor.length(); i++) {
            char character = descriptor.charAt(i);
            int position = character < POSITIONS.length ? POSITIONS[character] : -1;
            if (position < 0) {
                return "";
            }
            c = step(c, position & 31);
            group = group * 3 + (position >> 5);
            if (++count == 3) {
                c = step(c, group);
                group = 0;
                count = 0;
            }
        }
        if (count > 0) {
            c = step(c, group);
        }
        for (int i = 0; i < LENGTH; i++) {
            c = step(c, 0);
        }
        c ^= 1;
        var text = new StringBuilder();
        for (int i = 0; i < LENGTH; i++) {
            text.append(CHECKSUM_CHARSET.charAt((int) (c >>> (5 * (7 - i))) & 31));
        }
        return text.toString();
    }

    /// The descriptor with its checksum behind it.
    public static String append(String descriptor) {
        return descriptor + "#" + of(descriptor);
    }

    /// A descriptor without its checksum, which is checked if it is there.
    ///
    /// @throws DescriptorFault if the checksum is wrong, or missing where it must be there
    public static String strip(String descriptor, boolean mustBeThere) {
        String[] parts = descriptor.split("#", -1);
        if (parts.length > 2) {
            throw new DescriptorFault("Multiple '#' symbols");
        }
        if (parts.length == 1 && mustBeThere) {
            throw new DescriptorFault("Missing checksum");
        }
        String given = parts.length == 2 ? parts[1] : "";
        if (parts.length == 2 && given.length() != LENGTH) {
            throw new DescriptorFault(
                    "Expected 8 character checksum, not " + given.length() + " characters");
        }
        String computed = of(parts[0]);
        if (computed.isEmpty()) {
            throw new DescriptorFault("Invalid characters in payload");
        }
        if (parts.length == 2 && !computed.equals(given)) {
            throw new DescriptorFault(
                    "Provided checksum '"
                            + given
                            + "' does not match computed checksum '"
                            + computed
                            + "'");
        }
        return parts[0];
    }
}
