package weft.primitives.address;

import java.io.ByteArrayOutputStream;
import java.util.Locale;
import java.util.Optional;
import weft.primitives.Bytes;

/// Texts of addresses: Base58 with a checksum for hashes, Bech32 and Bech32m for witness programs.
final class AddressText {
    private static final int BASE58_BYTES_MAX = 21;
    private static final int BASE58_GUESS_BYTES_MAX = 100;
    private static final int PROGRAM_BYTES_MAX = 40;
    private static final int TAPROOT_BYTES = 32;

    private AddressText() {}

    static String ofHash(int prefix, Bytes hash) {
        return Base58.encodeChecked(
                Bytes.wrap(new byte[] {(byte) prefix}).plus(hash).toByteArray());
    }

    static String ofProgram(String hrp, int version, Bytes program) {
        byte[] groups = toFiveBits(program);
        byte[] values = new byte[1 + groups.length];
        values[0] = (byte) version;
        System.arraycopy(groups, 0, values, 1, groups.length);
        return Bech32.encode(
                version == 0 ? Bech32.Encoding.BECH32 : Bech32.Encoding.BECH32M, hrp, values);
    }

    /// @param text one byte a character
    static Address parse(String text, AddressPrefixes prefixes) {
        String hrp = prefixes.hrp();
        String begin = text.substring(0, Math.min(hrp.length(), text.length()));
        if (!begin.toLowerCase(Locale.ROOT).equals(hrp)) {
            return parseBase58(text, prefixes);
        }
        Optional<Bech32.Decoded> decoded = Bech32.decode(text);
        if (decoded.isEmpty()) {
            Bech32.Errors errors = Bech32.locateErrors(text);
            throw new AddressFault(errors.message(), errors.positions());
        }
        return ofBech32(decoded.get(), hrp);
    }

    private static Address parseBase58(String text, AddressPrefixes prefixes) {
        Optional<byte[]> checked = Base58.decodeChecked(text, BASE58_BYTES_MAX);
        if (checked.isEmpty()) {
            throw new AddressFault(
                    Base58.decode(text, BASE58_GUESS_BYTES_MAX).isEmpty()
                            ? "Invalid or unsupported Segwit (Bech32) or Base58 encoding."
                            : "Invalid checksum or length of Base58 address (P2PKH or P2SH)");
        }
        Bytes all = Bytes.wrap(checked.get());
        int prefix = all.isEmpty() ? -1 : all.at(0);
        boolean known = prefix == prefixes.pubkeyHash() || prefix == prefixes.scriptHash();
        if (!known) {
            throw new AddressFault("Invalid or unsupported Base58-encoded address.");
        }
        if (all.length() != 1 + Address.HASH_BYTES) {
            throw new AddressFault("Invalid length for Base58 address (P2PKH or P2SH)");
        }
        Bytes hash = all.from(1);
        return prefix == prefixes.pubkeyHash() ? new Address.P2pkh(hash) : new Address.P2sh(hash);
    }

    private static Address ofBech32(Bech32.Decoded decoded, String hrp) {
        Bytes values = decoded.values();
        if (values.isEmpty()) {
            throw new AddressFault("Empty Bech32 data section");
        }
        if (!decoded.hrp().equals(hrp)) {
            throw new AddressFault(
                    "Invalid or unsupported prefix for Segwit (Bech32) address (expected "
                            + hrp
                            + ", got "
                            + decoded.hrp()
                            + ").");
        }
        int version = values.at(0);
        if (version == 0 && decoded.encoding() != Bech32.Encoding.BECH32) {
            throw new AddressFault("Version 0 witness address must use Bech32 checksum");
        }
        if (version != 0 && decoded.encoding() != Bech32.Encoding.BECH32M) {
            throw new AddressFault("Version 1+ witness address must use Bech32m checksum");
        }
        Bytes program =
                toBytes(values.from(1))
                        .orElseThrow(
                                () -> new AddressFault("Invalid padding in Bech32 data section"));
        checkProgram(version, program.length());
        return new Address.WitnessProgram(version, program);
    }

    private static void checkProgram(int version, int length) {
        String size = "size (" + length + (length == 1 ? " byte)" : " bytes)");
        if (version == 0 && length != Address.HASH_BYTES && length != TAPROOT_BYTES) {
            throw new AddressFault("Invalid Bech32 v0 address program " + size + ", per BIP141");
        }
        if (version > Address.VERSION_MAX) {
            throw new AddressFault("Invalid Bech32 address witness version");
        }
        if (length < 2 || length > PROGRAM_BYTES_MAX) {
            throw new AddressFault("Invalid Bech32 address program " + size);
        }
    }

    private static byte[] toFiveBits(Bytes bytes) {
        byte[] groups = new byte[(bytes.length() * 8 + 4) / 5];
        for (int i = 0; i < groups.length; i++) {
            int bit = 5 * i;
            int next = bit / 8 + 1 < bytes.length() ? bytes.at(bit / 8 + 1) : 0;
            int pair = (bytes.at(bit / 8) << 8) | next;
            groups[i] = (byte) ((pair >>> (11 - bit % 8)) & 31);
        }
        return groups;
    }

    /// Bytes of groups of five bits; empty if more than four bits are left over or one of them is set.
    private static Optional<Bytes> toBytes(Bytes groups) {
        var bytes = new ByteArrayOutputStream();
        int waiting = 0;
        int bits = 0;
        for (int i = 0; i < groups.length(); i++) {
            waiting = ((waiting << 5) | groups.at(i)) & 0xfff;
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                bytes.write(waiting >>> bits);
            }
        }
        boolean clean = bits < 5 && (waiting & ((1 << bits) - 1)) == 0;
        return clean ? Optional.of(Bytes.wrap(bytes.toByteArray())) : Optional.empty();
    }
}
