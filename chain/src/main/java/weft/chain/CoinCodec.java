package weft.chain;

import java.math.BigInteger;
import weft.consensus.Coin;
import weft.primitives.Bytes;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// Bitcoin Core's short form of outputs in undo files, snapshots and the coins database: amounts lose
/// their trailing zeros, the usual scripts keep only their hash or key.
public final class CoinCodec {
    private static final int SPECIAL_SCRIPTS = 6;
    private static final int SCRIPT_BYTES_MAX = 10_000;
    private static final Bytes OP_RETURN = Bytes.parse("6a");
    private static final Bytes P2PKH_HEAD = Bytes.parse("76a914");
    private static final Bytes P2PKH_TAIL = Bytes.parse("88ac");
    private static final Bytes P2SH_HEAD = Bytes.parse("a914");
    private static final Bytes P2SH_TAIL = Bytes.parse("87");
    private static final int OP_CHECKSIG = 0xac;

    private static final BigInteger FIELD_PRIME =
            BigInteger.TWO
                    .pow(256)
                    .subtract(BigInteger.TWO.pow(32))
                    .subtract(BigInteger.valueOf(977));
    private static final BigInteger SQUARE_ROOT_EXPONENT =
            FIELD_PRIME.add(BigInteger.ONE).shiftRight(2);
    private static final BigInteger CURVE_CONSTANT = BigInteger.valueOf(7);

    private CoinCodec() {}

    /// Writes a coin as the coins database has it.
    static void writeCoin(ByteWriter out, Coin coin) {
        VarInt.write(out, coin.height() * 2L + (coin.isCoinbase() ? 1 : 0));
        writeTxOut(out, coin.out());
    }

    /// Reads what [#writeCoin] wrote.
    public static Coin readCoin(ByteReader in) {
        long code = VarInt.read(in);
        return new Coin(readTxOut(in), (int) (code >>> 1), (code & 1) == 1);
    }

    /// Writes an output in the short form.
    static void writeTxOut(ByteWriter out, TxOut txOut) {
        VarInt.write(out, compressAmount(txOut.value()));
        Bytes script = txOut.scriptPubKey();
        if (!writeShort(out, script)) {
            VarInt.write(out, script.length() + SPECIAL_SCRIPTS);
            out.bytes(script);
        }
    }

    /// Reads an output in the short form.
    static TxOut readTxOut(ByteReader in) {
        long value = decompressAmount(VarInt.read(in));
        int code = VarInt.readInt(in);
        if (code < SPECIAL_SCRIPTS) {
            return new TxOut(value, decompress(code, in.slice(code < 2 ? 20 : 32)));
        }
        int size = code - SPECIAL_SCRIPTS;
        if (size > SCRIPT_BYTES_MAX) {
            in.skip(size);
            return new TxOut(value, OP_RETURN);
        }
        return new TxOut(value, in.slice(size).compact());
    }

    /// Writes a script of a usual form as what is special in it.
    ///
    /// @return false if the script has another form; then nothing is written
    private static boolean writeShort(ByteWriter out, Bytes script) {
        switch (script.length()) {
            case 25 -> {
                if (script.startsWith(P2PKH_HEAD) && script.from(23).equals(P2PKH_TAIL)) {
                    out.u8(0).bytes(script.slice(3, 20));
                    return true;
                }
            }
            case 23 -> {
                if (script.startsWith(P2SH_HEAD) && script.from(22).equals(P2SH_TAIL)) {
                    out.u8(1).bytes(script.slice(2, 20));
                    return true;
                }
            }
            case 35 -> {
                if (script.at(0) == 33
                        && script.at(34) == OP_CHECKSIG
                        && (script.at(1) & 0xfe) == 2) {
                    out.bytes(script.slice(1, 33));
                    return true;
                }
            }
            case 67 -> {
                if (script.at(0) == 65
                        && script.at(66) == OP_CHECKSIG
                        && script.at(1) == 4
                        && isOnCurve(script.slice(2, 64))) {
                    out.bytes(uncompressedKey(script));
                    return true;
                }
            }
            default -> {}
        }
        return false;
    }

    private static Bytes uncompressedKey(Bytes script) {
        byte[] form = new byte[33];
        form[0] = (byte) (4 | (script.at(65) & 1));
        script.slice(2, 32).copyTo(form, 1);
        return Bytes.wrap(form);
    }

    private static Bytes decompress(int code, Bytes content) {
        return switch (code) {
            case 0 -> around(P2PKH_HEAD, content, P2PKH_TAIL);
            case 1 -> around(P2SH_HEAD, content, P2SH_TAIL);
            case 2, 3 -> keyScript(33, code, content, Bytes.EMPTY);
            default -> keyScript(65, 4, content, y(content, code & 1));
        };
    }

    private static Bytes around(Bytes head, Bytes content, Bytes tail) {
        byte[] script = new byte[head.length() + content.length() + tail.length()];
        head.copyTo(script, 0);
        content.copyTo(script, head.length());
        tail.copyTo(script, head.length() + content.length());
        return Bytes.wrap(script);
    }

    private static Bytes keyScript(int keyBytes, int first, Bytes x, Bytes y) {
        byte[] script = new byte[keyBytes + 2];
        script[0] = (byte) keyBytes;
        script[1] = (byte) first;
        x.copyTo(script, 2);
        y.copyTo(script, 2 + x.length());
        script[keyBytes + 1] = (byte) OP_CHECKSIG;
        return Bytes.wrap(script);
    }

    private static boolean isOnCurve(Bytes xAndY) {
        var x = new BigInteger(1, xAndY.slice(0, 32).toByteArray());
        var y = new BigInteger(1, xAndY.slice(32, 32).toByteArray());
        return x.compareTo(FIELD_PRIME) < 0
                && y.compareTo(FIELD_PRIME) < 0
                && y.multiply(y).mod(FIELD_PRIME).equals(ySquared(x));
    }

    private static BigInteger ySquared(BigInteger x) {
        return x.multiply(x).mod(FIELD_PRIME).multiply(x).add(CURVE_CONSTANT).mod(FIELD_PRIME);
    }

    private static Bytes y(Bytes xBytes, int parity) {
        var x = new BigInteger(1, xBytes.toByteArray());
        BigInteger square = ySquared(x);
        BigInteger root = square.modPow(SQUARE_ROOT_EXPONENT, FIELD_PRIME);
        if (x.compareTo(FIELD_PRIME) >= 0 || !root.multiply(root).mod(FIELD_PRIME).equals(square)) {
            throw new MalformedBytes("no point of the curve has this x");
        }
        BigInteger y = root.testBit(0) == (parity == 1) ? root : FIELD_PRIME.subtract(root);
        byte[] raw = y.toByteArray();
        byte[] wide = new byte[32];
        int length = Math.min(raw.length, 32);
        System.arraycopy(raw, raw.length - length, wide, 32 - length, length);
        return Bytes.wrap(wide);
    }

    /// The short form of an amount: see the comments of Core's `compressor.cpp`.
    static long compressAmount(long satoshis) {
        if (satoshis == 0) {
            return 0;
        }
        long rest = satoshis;
        int zeros = 0;
        while (zeros < 9 && Long.remainderUnsigned(rest, 10) == 0) {
            rest = Long.divideUnsigned(rest, 10);
            zeros++;
        }
        if (zeros == 9) {
            return 1 + (rest - 1) * 10 + 9;
        }
        long digit = Long.remainderUnsigned(rest, 10);
        return 1 + (Long.divideUnsigned(rest, 10) * 9 + digit - 1) * 10 + zeros;
    }

    /// The amount of a short form.
    static long decompressAmount(long form) {
        if (form == 0) {
            return 0;
        }
        long rest = form - 1;
        int zeros = (int) Long.remainderUnsigned(rest, 10);
        rest = Long.divideUnsigned(rest, 10);
        long amount;
        if (zeros < 9) {
            long digit = Long.remainderUnsigned(rest, 9) + 1;
            amount = Long.divideUnsigned(rest, 9) * 10 + digit;
        } else {
            amount = rest + 1;
        }
        for (int i = 0; i < zeros; i++) {
            amount *= 10;
        }
        return amount;
    }
}
