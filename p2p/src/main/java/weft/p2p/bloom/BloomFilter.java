package weft.p2p.bloom;

import weft.consensus.script.Opcode;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptReader;
import weft.crypto.Murmur3;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteWriter;
import weft.wire.FilterLoad;

/// A set that may hold more than was put into it, as light clients send it to say what they want to hear of.
/// See BIP-0037. Changes when it matches, so that spends of matched outputs match too.
///
/// Not safe for use by more than one thread.
public final class BloomFilter {
    /// Matches do not change the filter.
    public static final int UPDATE_NONE = 0;

    /// Every matched output's outpoint is put in.
    public static final int UPDATE_ALL = 1;

    /// The outpoints of matched outputs that pay to a bare key or to several are put in.
    public static final int UPDATE_P2PUBKEY_ONLY = 2;

    private static final int UPDATE_MASK = 3;

    /// Seeds of the hash functions are this far apart.
    private static final int SEED_STEP = 0xfba4c795;

    private static final double LN2 = Math.log(2);
    private static final int KEY_BYTES_COMPRESSED = 33;
    private static final int KEY_BYTES_UNCOMPRESSED = 65;

    private final byte[] bits;
    private final int hashFunctions;
    private final int tweak;
    private final int flags;

    private BloomFilter(byte[] bits, int hashFunctions, int tweak, int flags) {
        this.bits = bits;
        this.hashFunctions = hashFunctions;
        this.tweak = tweak;
        this.flags = flags;
    }

    /// The filter that a peer sent.
    ///
    /// @param message within the limits of [FilterLoad#isWithinLimits]
    public static BloomFilter of(FilterLoad message) {
        Check.argument(message.isWithinLimits(), "filter beyond the limits");
        return new BloomFilter(
                message.bits().toByteArray(),
                (int) message.hashFunctions(),
                (int) message.tweak(),
                message.flags());
    }

    /// An empty filter of the best size, within the limits.
    ///
    /// @param elements how many will be put in, at least 1
    /// @param falsePositiveRate share of other elements that will match all the same, above 0 and below 1
    /// @param tweak random, all 32 bits count
    /// @param flags one of the `UPDATE` constants
    public static BloomFilter sized(int elements, double falsePositiveRate, int tweak, int flags) {
        Check.argument(elements > 0, "no elements");
        Check.argument(falsePositiveRate > 0 && falsePositiveRate < 1, "no rate between 0 and 1");
        double wanted = -1 / (LN2 * LN2) * elements * Math.log(falsePositiveRate);
        int bytes = (int) (Math.min(wanted, FilterLoad.MAX_FILTER_BYTES * 8.0) / 8);
        int functions = (int) (bytes * 8.0 / elements * LN2);
        return new BloomFilter(
                new byte[bytes], Math.min(functions, FilterLoad.MAX_HASH_FUNCTIONS), tweak, flags);
    }

    /// The message that sends this filter as it is now.
    public FilterLoad message() {
        return new FilterLoad(
                Bytes.copyOf(bits), hashFunctions, Integer.toUnsignedLong(tweak), flags);
    }

    private long bitOf(int function, byte[] element) {
        int hash = Murmur3.hash(function * SEED_STEP + tweak, element);
        return Integer.toUnsignedLong(hash) % (bits.length * 8L);
    }

    /// Puts an element in; a filter without bits stays without.
    public void insert(Bytes element) {
        // A filter without bits must not be divided by (CVE-2013-5700).
        if (bits.length == 0) {
            return;
        }
        byte[] array = element.toByteArray();
        for (int i = 0; i < hashFunctions; i++) {
            long bit = bitOf(i, array);
            bits[(int) (bit >> 3)] |= (byte) (1 << (bit & 7));
        }
    }

    private void insert(OutPoint outPoint) {
        insert(bytes(outPoint));
    }

    private static Bytes bytes(OutPoint outPoint) {
        var out = new ByteWriter(OutPoint.BYTES);
        outPoint.write(out);
        return out.toBytes();
    }

    /// Whether an element may have been put in; a filter without bits has everything.
    public boolean contains(Bytes element) {
        if (bits.length == 0) {
            return true;
        }
        byte[] array = element.toByteArray();
        for (int i = 0; i < hashFunctions; i++) {
            long bit = bitOf(i, array);
            if ((bits[(int) (bit >> 3)] & 1 << (bit & 7)) == 0) {
                return false;
            }
        }
        return true;
    }

    /// Whether a transaction matches: by its id, by something that one of its outputs' or inputs' scripts
    /// pushes, or by an outpoint that it spends. Outputs that match are remembered as the flags say.
    public boolean matches(Transaction tx) {
        if (bits.length == 0) {
            return true;
        }
        boolean found = contains(Bytes.wrap(tx.txid().toByteArray()));
        for (int i = 0; i < tx.outputs().size(); i++) {
            TxOut output = tx.outputs().get(i);
            if (hasPush(output.scriptPubKey())) {
                found = true;
                if (isRemembered(output.scriptPubKey())) {
                    insert(new OutPoint(tx.txid(), i));
                }
            }
        }
        if (found) {
            return true;
        }
        for (TxIn input : tx.inputs()) {
            if (contains(bytes(input.prevout())) || hasPush(input.scriptSig())) {
                return true;
            }
        }
        return false;
    }

    private boolean hasPush(Bytes script) {
        var reader = ScriptReader.of(script);
        while (reader.next()) {
            if (reader.pushLength() > 0 && contains(reader.push())) {
                return true;
            }
        }
        return false;
    }

    private boolean isRemembered(Bytes script) {
        return switch (flags & UPDATE_MASK) {
            case UPDATE_ALL -> true;
            case UPDATE_P2PUBKEY_ONLY -> isPayToPubKey(script) || isMultisig(script);
            default -> false;
        };
    }

    private static boolean isKey(Bytes push) {
        if (push.isEmpty()) {
            return false;
        }
        return switch (push.at(0)) {
            case 2, 3 -> push.length() == KEY_BYTES_COMPRESSED;
            case 4, 6, 7 -> push.length() == KEY_BYTES_UNCOMPRESSED;
            default -> false;
        };
    }

    private static boolean isPayToPubKey(Bytes script) {
        var reader = ScriptReader.of(script);
        return reader.next()
                && reader.opcode() == reader.pushLength()
                && isKey(reader.push())
                && reader.next()
                && reader.opcode() == Opcode.OP_CHECKSIG
                && reader.isAtEnd();
    }

    private static boolean isMultisig(Bytes script) {
        var reader = ScriptReader.of(script);
        if (script.length() > Script.BYTES_MAX || !reader.next()) {
            return false;
        }
        int needed = small(reader.opcode());
        int keys = 0;
        while (reader.next() && isKey(reader.push())) {
            keys++;
        }
        return needed >= 1
                && needed <= keys
                && small(reader.opcode()) == keys
                && reader.next()
                && reader.opcode() == Opcode.OP_CHECKMULTISIG
                && reader.isAtEnd();
    }

    private static int small(int opcode) {
        return opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16 ? opcode - Opcode.OP_1 + 1 : -1;
    }
}
