package weft.app.vectors;

import java.util.Arrays;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.wire.transport.Bip324Cipher;
import weft.wire.transport.Magic;

/// The encrypted transport: tables of BIP-0324.
final class TransportVectors {
    private static final byte[] NOTHING = {};
    private static final int PACKETS_MAX = 1 << 20;
    private static final int CONTENTS_MAX = 1 << 27;

    private TransportVectors() {}

    /// `bip324_packet_encoding.csv`.
    static void packets(VectorFile file, Cases cases) {
        for (CsvTable.Row row : file.table().rows()) {
            cases.run(row.index(), () -> packet(row));
        }
    }

    private static void packet(CsvTable.Row row) {
        byte[] secret = row.bytes("in_priv_ours");
        byte[] ours = row.bytes("in_ellswift_ours");
        byte[] theirs = row.bytes("in_ellswift_theirs");
        boolean initiating = row.get("in_initiating").equals("1");
        Secp256k1 curve = Secp256k1.get();
        Expect.same("x of our key", row.bytes("mid_x_ours"), x(curve.ellswiftDecode(ours)));
        Expect.same("x of their key", row.bytes("mid_x_theirs"), x(curve.ellswiftDecode(theirs)));
        byte[] shared = curve.ellswiftXdhBip324(ours, theirs, secret, initiating);
        Expect.same("the shared secret", row.bytes("mid_shared_secret"), shared);
        var cipher = Bip324Cipher.agree(Magic.MAIN, secret, ours, theirs, initiating);
        byte[] sendEnd = row.bytes("mid_send_garbage_terminator");
        Expect.same("the terminator sent", sendEnd, cipher.sendTerminator());
        byte[] receiveEnd = row.bytes("mid_recv_garbage_terminator");
        Expect.same("the terminator received", receiveEnd, cipher.receiveTerminator());
        String session = cipher.sessionId().toHex();
        Expect.same("the session id", row.get("out_session_id"), session);
        for (int i = bounded(row.number("in_idx"), PACKETS_MAX); i > 0; i--) {
            cipher.encrypt(NOTHING, NOTHING, false);
        }
        Bytes once = Bytes.parse(row.get("in_contents"));
        int times = row.number("in_multiply");
        byte[] contents = new byte[bounded((long) once.length() * times, CONTENTS_MAX)];
        for (int i = 0; i < times; i++) {
            once.copyTo(contents, i * once.length());
        }
        boolean ignore = row.get("in_ignore").equals("1");
        byte[] packet = cipher.encrypt(contents, row.bytes("in_aad"), ignore);
        if (!row.get("out_ciphertext").isEmpty()) {
            Expect.same("the packet", row.bytes("out_ciphertext"), packet);
        }
        byte[] end = row.bytes("out_ciphertext_endswith");
        byte[] found = Arrays.copyOfRange(packet, packet.length - end.length, packet.length);
        Expect.same("the end of the packet", end, found);
        cipher.close();
    }

    private static int bounded(long number, int max) {
        if (number < 0 || number > max) {
            throw new IllegalArgumentException("not in 0 to " + max + ": " + number);
        }
        return (int) number;
    }

    private static byte[] x(byte[] key) {
        return Arrays.copyOfRange(key, 1, 33);
    }

    /// `bip324_ellswift_decode.csv`.
    static void decode(VectorFile file, Cases cases) {
        for (CsvTable.Row row : file.table().rows()) {
            cases.run(
                    row.index(),
                    () -> {
                        byte[] key = Secp256k1.get().ellswiftDecode(row.bytes("ellswift"));
                        Expect.same("x", row.bytes("x"), x(key));
                    });
        }
    }

    /// `bip324_xswiftec_inv.csv`: every inverse leads back to its x.
    static void inverse(VectorFile file, Cases cases) {
        for (CsvTable.Row row : file.table().rows()) {
            for (int i = 0; i < 8; i++) {
                String t = row.get("case" + i + "_t");
                if (!t.isEmpty()) {
                    byte[] encoding = Vector.hex(row.get("u") + t);
                    cases.run(
                            row.index() + " case " + i,
                            () -> {
                                byte[] key = Secp256k1.get().ellswiftDecode(encoding);
                                Expect.same("x", row.bytes("x"), x(key));
                            });
                }
            }
        }
    }
}
