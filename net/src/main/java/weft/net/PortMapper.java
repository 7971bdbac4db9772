package weft.net;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import weft.p2p.PeerCommand;
import weft.p2p.PeerInput;
import weft.p2p.addr.LocalAddresses;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;
import weft.wire.transport.Entropy;

/// Has the gateways of this machine let others reach our port (`-natpmp`), and keeps that up. One virtual
/// thread.
public final class PortMapper implements AutoCloseable {
    /// Asked for; renewed after half of it, as a gateway may grant less.
    static final Duration LIFETIME = Duration.ofMinutes(40);

    /// Where nothing was mapped, the next try.
    private static final Duration RETRY = Duration.ofMinutes(5);

    /// Gateways may grant seconds; asking more often than this is no use to anybody.
    private static final Duration RENEW_MIN = Duration.ofMinutes(1);

    /// A gateway is a millisecond away; what it does not answer so often is lost.
    private static final int TRIES = 3;

    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

    private final int port;
    private final Gateways gateways;
    private final Duration patience;
    private final PeerLoop loop;
    private final Log log;
    private final Bytes nonce;
    private final Thread thread;

    /// What was mapped, by way.
    private final Map<Gateways.Way, Mapping> mapped = new LinkedHashMap<>();

    private volatile boolean closed;

    private record Mapping(NetAddress external, long endNanos) {}

    /// Asks nobody yet.
    ///
    /// @param port on which we listen
    /// @param loop whose engine learns our address
    public PortMapper(int port, PeerLoop loop, Entropy entropy, Log log) {
        this(port, Gateways.ofLinux(), Duration.ofSeconds(1), loop, entropy, log);
    }

    /// @param patience how long to wait for each answer
    PortMapper(
            int port,
            Gateways gateways,
            Duration patience,
            PeerLoop loop,
            Entropy entropy,
            Log log) {
        this.port = port;
        this.gateways = gateways;
        this.patience = patience;
        this.loop = loop;
        this.log = log;
        this.nonce = Bytes.wrap(entropy.bytes(MappingDialogue.NONCE_BYTES));
        this.thread = Thread.ofVirtual().name("mapport").unstarted(this::run);
    }

    /// Begins.
    public void start() {
        thread.start();
    }

    private void run() {
        log.info("mapport thread start");
        try {
            while (!closed) {
                Thread.sleep(round());
            }
        } catch (InterruptedException e) {
            // The node stops.
        }
        // Else the gateway would send strangers to this machine for a while.
        mapped.keySet().forEach(way -> ask(way, Duration.ZERO));
    }

    /// @return how long to wait for the next
    private Duration round() {
        List<Gateways.Way> ways = gateways.find();
        if (ways.isEmpty()) {
            debug("no gateway found");
        }
        mapped.keySet().stream()
                .filter(way -> !ways.contains(way) || isOver(way))
                .toList()
                .forEach(this::forget);
        Duration next = LIFETIME;
        boolean all = !ways.isEmpty();
        for (Gateways.Way way : ways) {
            Optional<MappingDialogue.Step.Mapped> answer = ask(way, LIFETIME);
            if (answer.isPresent() && !answer.get().lifetime().isZero()) {
                Duration granted = shorter(answer.get().lifetime(), LIFETIME);
                learn(way, answer.get(), granted);
                next = shorter(next, granted.dividedBy(2));
            } else {
                all = false;
            }
        }
        // A gateway that did not answer once may have lost what it had.
        Duration pause = all ? next : shorter(next, RETRY);
        return pause.compareTo(RENEW_MIN) < 0 ? RENEW_MIN : pause;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /// What was granted once lasts that long, whether or not the gateway answers in between.
    private boolean isOver(Gateways.Way way) {
        Mapping mapping = mapped.get(way);
        return mapping != null && System.nanoTime() - mapping.endNanos >= 0;
    }

    /// @param granted never longer than asked for, as a gateway that starts anew forgets what it promised
    private void learn(Gateways.Way way, MappingDialogue.Step.Mapped answer, Duration granted) {
        NetAddress external = answer.external();
        var mapping = new Mapping(external, System.nanoTime() + granted.toNanos());
        Mapping before = mapped.put(way, mapping);
        if (before != null && before.external.equals(external)) {
            return;
        }
        if (before != null) {
            loop.post(new PeerInput.Command(new PeerCommand.ForgetLocal(before.external)));
        }
        if (!external.isRoutable()) {
            log.warning(
                    "portmap: the gateway's own address "
                            + external
                            + " is none of the internet: there is another gateway behind it, and"
                            + " nobody can reach us through both");
            return;
        }
        log.info(
                "portmap: "
                        + external
                        + " reaches our port "
                        + port
                        + " for "
                        + granted.toSeconds()
                        + " s ("
                        + answer.protocol()
                        + ")");
        loop.post(
                new PeerInput.Command(new PeerCommand.LearnLocal(external, LocalAddresses.MAPPED)));
    }

    private void forget(Gateways.Way way) {
        Mapping gone = mapped.remove(way);
        if (gone != null) {
            loop.post(new PeerInput.Command(new PeerCommand.ForgetLocal(gone.external)));
        }
    }

    private Optional<MappingDialogue.Step.Mapped> ask(Gateways.Way way, Duration lifetime) {
        var ours = way.ours().map(ip -> new InetSocketAddress(ip, 0)).orElse(null);
        try (DatagramSocket socket =
                ours == null ? new DatagramSocket() : new DatagramSocket(ours)) {
            // From now on the system drops what anybody else sends here.
            socket.connect(way.gateway());
            return talk(
                    socket, new MappingDialogue(socket.getLocalAddress(), port, lifetime, nonce));
        } catch (IOException e) {
            debug("cannot ask " + way.gateway() + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<MappingDialogue.Step.Mapped> talk(
            DatagramSocket socket, MappingDialogue dialogue) throws IOException {
        MappingDialogue.Step step = dialogue.begin();
        while (step instanceof MappingDialogue.Step.Send(Bytes packet)) {
            Optional<MappingDialogue.Step> next = exchange(socket, packet, dialogue);
            if (next.isEmpty()) {
                debug("no answer of " + socket.getRemoteSocketAddress());
                return Optional.empty();
            }
            step = next.get();
        }
        if (step instanceof MappingDialogue.Step.Refused(String why)) {
            log.warning("portmap: " + socket.getInetAddress().getHostAddress() + ": " + why);
        }
        return step instanceof MappingDialogue.Step.Mapped done
                ? Optional.of(done)
                : Optional.empty();
    }

    private Optional<MappingDialogue.Step> exchange(
            DatagramSocket socket, Bytes packet, MappingDialogue dialogue) throws IOException {
        byte[] request = packet.toByteArray();
        var answer = new DatagramPacket(new byte[MappingDialogue.PACKET_BYTES_MAX], 0);
        for (int i = 0; i < TRIES && !Thread.currentThread().isInterrupted(); i++) {
            socket.send(new DatagramPacket(request, request.length));
            long end = System.nanoTime() + patience.toNanos();
            for (long left = patience.toMillis();
                    left > 0;
                    left = (end - System.nanoTime()) / 1_000_000) {
                socket.setSoTimeout((int) left);
                answer.setLength(MappingDialogue.PACKET_BYTES_MAX);
                try {
                    socket.receive(answer);
                } catch (SocketTimeoutException e) {
                    break;
                }
                Optional<MappingDialogue.Step> next =
                        dialogue.received(Arrays.copyOf(answer.getData(), answer.getLength()));
                if (next.isPresent()) {
                    return next;
                }
            }
        }
        return Optional.empty();
    }

    private void debug(String text) {
        log.debug(LogCategory.NET, () -> "portmap: " + text);
    }

    /// Ends what was mapped.
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(CLOSE_WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
