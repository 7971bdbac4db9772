package weft.app.bench.load;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.wire.Addr;
import weft.wire.AddressEntry;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;
import weft.wire.transport.Magic;
import weft.wire.transport.V1Transport;

/// What attackers send, and how many of a hundred of them do.
enum FloodKind {
    /// Pings, as fast as the node reads.
    PING(30),
    /// As many ids of transactions as a message may name, none of which exists.
    INV(20),
    /// Requests for blocks of long ago.
    OLD_BLOCKS(10),
    /// Addresses, as many as a message may hold.
    ADDRESSES(10),
    /// Transactions whose parents nobody has.
    ORPHANS(10),
    /// Wrong checksums, unknown commands, payloads that end too soon, lists that are too long.
    MALFORMED(10),
    /// Nothing after the handshake.
    SILENT(10);

    private static final int PINGS = 1_000;
    private static final int ORPHAN_TXS = 50;
    private static final int ORPHAN_SCRIPT_BYTES = 100;
    private static final int OLD = 16;
    private static final int PORT = 8333;

    /// Of a hundred attackers.
    final int percent;

    FloodKind(int percent) {
        this.percent = percent;
    }

    /// Messages in a row, in their bytes.
    ///
    /// @param bytes as they go over the wire
    record Burst(Bytes bytes, int messages) {}

    /// The next messages of an attacker.
    ///
    /// @param blocks that the node has
    Burst next(SplittableRandom random, List<InvItem> blocks) {
        return switch (this) {
            case PING -> pings(random);
            case INV -> one(BenchPeer.framed(new Inv(unknown(random, InvItem.MAX_PER_MESSAGE))));
            case OLD_BLOCKS -> one(BenchPeer.framed(new GetData(some(random, blocks))));
            case ADDRESSES -> one(BenchPeer.framed(new Addr(addresses(random))));
            case ORPHANS -> orphans(random);
            case MALFORMED -> malformed(random);
            case SILENT -> new Burst(Bytes.EMPTY, 0);
        };
    }

    private static Burst one(Bytes frame) {
        return new Burst(frame, 1);
    }

    private static Burst pings(SplittableRandom random) {
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < PINGS; i++) {
            bytes.writeBytes(
                    BenchPeer.framed(new Ping(OptionalLong.of(random.nextLong()))).toByteArray());
        }
        return new Burst(Bytes.wrap(bytes.toByteArray()), PINGS);
    }

    private static byte[] hash(SplittableRandom random) {
        byte[] hash = new byte[32];
        random.nextBytes(hash);
        return hash;
    }

    private static List<InvItem> unknown(SplittableRandom random, int count) {
        var items = new ArrayList<InvItem>();
        for (int i = 0; i < count; i++) {
            items.add(InvItem.wtx(Wtxid.of(hash(random))));
        }
        return items;
    }

    private static List<InvItem> some(SplittableRandom random, List<InvItem> blocks) {
        var items = new ArrayList<InvItem>();
        for (int i = 0; i < OLD; i++) {
            items.add(blocks.get(random.nextInt(blocks.size())));
        }
        return items;
    }

    private static List<AddressEntry> addresses(SplittableRandom random) {
        var entries = new ArrayList<AddressEntry>();
        long now = System.currentTimeMillis() / 1_000;
        for (int i = 0; i < AddressEntry.MAX_PER_MESSAGE; i++) {
            byte[] ip = {
                (byte) random.nextInt(1, 100),
                (byte) random.nextInt(),
                (byte) random.nextInt(),
                (byte) random.nextInt()
            };
            entries.add(
                    new AddressEntry(
                            now - random.nextInt(86_400),
                            ServiceFlags.NETWORK | ServiceFlags.WITNESS,
                            NetAddress.ofIp(ip, PORT)));
        }
        return entries;
    }

    private static Burst orphans(SplittableRandom random) {
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < ORPHAN_TXS; i++) {
            byte[] script = new byte[ORPHAN_SCRIPT_BYTES];
            random.nextBytes(script);
            var input =
                    new TxIn(
                            new OutPoint(Txid.of(hash(random)), 0),
                            Bytes.wrap(new byte[] {1, 1}),
                            TxIn.SEQUENCE_FINAL);
            var output = new TxOut(10_000, Bytes.parse("0014" + "00".repeat(20)));
            Transaction tx =
                    Transaction.of(
                            2,
                            List.of(input),
                            List.of(output),
                            List.of(),
                            random.nextInt(1, 1_000));
            bytes.writeBytes(BenchPeer.framed(TxMessage.of(tx)).toByteArray());
        }
        return new Burst(Bytes.wrap(bytes.toByteArray()), ORPHAN_TXS);
    }

    private static Burst malformed(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> {
                byte[] frame = BenchPeer.framed(new Ping(OptionalLong.of(1))).toByteArray();
                frame[frame.length - 1] ^= 1;
                yield one(Bytes.wrap(frame));
            }
            case 1 -> one(frame("nonsense", Bytes.wrap(hash(random))));
            case 2 -> one(frame("headers", Bytes.parse("fdd007")));
            default ->
                    one(
                            BenchPeer.framed(new Addr(List.of()))
                                    .plus(frame("inv", Bytes.parse("fe51c30000"))));
        };
    }

    private static Bytes frame(String command, Bytes payload) {
        return V1Transport.frame(Magic.REGTEST, command, payload);
    }
}
