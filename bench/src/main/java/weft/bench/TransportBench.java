package weft.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import weft.crypto.ChaCha20;
import weft.crypto.FsChaCha20Poly1305;
import weft.primitives.Bytes;
import weft.wire.transport.Entropy;
import weft.wire.transport.Magic;
import weft.wire.transport.Outgoing;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;
import weft.wire.transport.V1Transport;
import weft.wire.transport.V2Transport;

/// The encrypted transport of BIP-0324, and the plain one beside it, a byte each.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TransportBench {
    private static final int MEGABYTE = 1_000_000;
    private static final int SHORT = 256;
    private static final byte[] NOTHING = {};
    private static final List<Said> SAID = Said.all();

    private final byte[] large = new byte[MEGABYTE + FsChaCha20Poly1305.TAG_BYTES];
    private final byte[] small = new byte[SHORT + FsChaCha20Poly1305.TAG_BYTES];
    private final FsChaCha20Poly1305 packets = new FsChaCha20Poly1305(new byte[32]);
    private final ChaCha20 stream = new ChaCha20(new byte[32]);
    private final V2Transport sender;
    private final V2Transport receiver;
    private final Bytes block = Bytes.wrap(new byte[MEGABYTE]);
    private final V1Transport plainSender = new V1Transport(0, Magic.REGTEST);
    private final V1Transport plainReceiver = new V1Transport(1, Magic.REGTEST);

    /// Two ends that have shaken hands.
    public TransportBench() {
        var random = new SplittableRandom(1);
        Entropy entropy = random::nextBytes;
        sender = V2Transport.initiator(0, Magic.REGTEST, entropy);
        receiver = V2Transport.responder(1, Magic.REGTEST, entropy);
        for (int i = 0; i < 3; i++) {
            move(sender, receiver);
            move(receiver, sender);
        }
        if (sender.sessionId().isEmpty()) {
            throw new IllegalStateException("the handshake has not ended");
        }
    }

    private static void move(V2Transport from, V2Transport to) {
        for (var next = from.nextToSend(); next.isPresent(); next = from.nextToSend()) {
            Outgoing each = next.get();
            Bytes bytes = each.bytes();
            to.push(bytes.backingArray(), bytes.backingOffset(), bytes.length());
        }
        for (var event = to.next(); event.isPresent(); event = to.next()) {
            if (event.get() instanceof TransportEvent.Fatal(String reason)) {
                throw new IllegalStateException(reason);
            }
        }
    }

    /// Core's CHACHA20_1MB: the stream cipher alone.
    @Benchmark
    @OperationsPerInvocation(MEGABYTE)
    public byte[] chaCha20OfMegabyte() {
        stream.crypt(large, 0, MEGABYTE);
        return large;
    }

    /// Core's FSCHACHA20POLY1305_1MB: one packet after another, encrypted.
    ///
    /// S-116 ChaCha20, with Poly1305, of large packets: 0.7 GB/s of a core at least
    @Benchmark
    @OperationsPerInvocation(MEGABYTE)
    public byte[] packetOfMegabyte() {
        packets.encryptInPlace(large, 0, MEGABYTE, NOTHING);
        return large;
    }

    /// Core's FSCHACHA20POLY1305_256BYTES.
    @Benchmark
    @OperationsPerInvocation(SHORT)
    public byte[] packetOf256() {
        packets.encryptInPlace(small, 0, SHORT, NOTHING);
        return small;
    }

    /// A message of a megabyte from one end to the other: encrypted, taken in, decrypted, named.
    @Benchmark
    @OperationsPerInvocation(MEGABYTE)
    public TransportEvent messageOfMegabyte() {
        sender.send("block", block);
        Bytes bytes = sender.nextToSend().orElseThrow().bytes();
        receiver.push(bytes.backingArray(), bytes.backingOffset(), bytes.length());
        return receiver.next().orElseThrow();
    }

    /// What a node says that relays transactions and no blocks: no message is long, so each byte costs most.
    private record Said(String command, Bytes payload) {
        /// Bytes of the payloads of all.
        static final int TOTAL = 500 * (109 + 73 + 400) + 20 * 1_000 + 20 * 8 + 20_000;

        static List<Said> all() {
            var all = new ArrayList<Said>();
            for (int i = 0; i < 500; i++) {
                all.add(of("inv", 109));
                all.add(of("getdata", 73));
                all.add(of("tx", 400));
                if (i % 25 == 0) {
                    all.add(of("addrv2", 1_000));
                    all.add(of("ping", 8));
                }
            }
            all.add(of("cmpctblock", 20_000));
            return all;
        }

        private static Said of(String command, int bytes) {
            return new Said(command, Bytes.wrap(new byte[bytes]));
        }
    }

    private static void say(Transport from, Transport to, Blackhole hole) {
        for (Said each : SAID) {
            from.send(each.command(), each.payload());
            Bytes bytes = from.nextToSend().orElseThrow().bytes();
            to.push(bytes.backingArray(), bytes.backingOffset(), bytes.length());
            hole.consume(to.next().orElseThrow());
        }
    }

    /// Short messages from one end to the other, encrypted.
    ///
    /// S-117 short messages, encrypted: less than 1 % of a core more for 1 MB/s than plain ones
    @Benchmark
    @OperationsPerInvocation(Said.TOTAL)
    public void relayEncrypted(Blackhole hole) {
        say(sender, receiver, hole);
    }

    /// The same messages, plain.
    @Benchmark
    @OperationsPerInvocation(Said.TOTAL)
    public void relayPlain(Blackhole hole) {
        say(plainSender, plainReceiver, hole);
    }
}
