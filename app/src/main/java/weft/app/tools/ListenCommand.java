package weft.app.tools;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.codec.MalformedBytes;
import weft.wire.BlockLocator;
import weft.wire.BlockMessage;
import weft.wire.GetAddr;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.SendAddrV2;
import weft.wire.TxMessage;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;
import weft.wire.transport.Frame;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// `weft listen HOST:PORT`: shakes hands with a node and prints the name and length of every message it
/// sends, until it hangs up or Ctrl-C. However the bytes are split on their way, each message is printed once
/// and whole.
@Command(
        name = "listen",
        description = "Connect to a node and print each message that it sends.",
        mixinStandardHelpOptions = true)
public final class ListenCommand implements Callable<Integer> {
    private static final String USER_AGENT = "/weft-listen:0.1.0/";
    private static final int READ_BYTES = 64 * 1024;

    @Parameters(
            paramLabel = "HOST:PORT",
            description = "Where the node listens; the port may be left out.")
    private String target = "";

    @Option(
            names = "--network",
            description = "main, test, testnet4, signet or regtest (default: the one of the port).")
    private Optional<String> network = Optional.empty();

    @Option(names = "--v2", description = "Use the encrypted transport of BIP-0324.")
    private boolean encrypted;

    @Option(names = "--count", description = "Stop after so many messages (default: never).")
    private long countMax = Long.MAX_VALUE;

    @Option(
            names = "--detail",
            description =
                    "Show what is sent too, the fields of version, and what messages are about.")
    private boolean detail;

    private final PrintStream out;
    private long count;
    private boolean finished;

    /// A command that prints to standard output.
    public ListenCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() throws IOException {
        HostPort host;
        NamedNetwork chain;
        try {
            host = HostPort.parse(target, network);
            chain =
                    network.map(NamedNetwork::parse)
                            .orElseGet(() -> NamedNetwork.ofPort(host.port()));
        } catch (IllegalArgumentException e) {
            System.err.println("Error: " + e.getMessage());
            return 1;
        }
        try (SocketChannel channel = SocketChannel.open();
                Transport transport = transport(chain)) {
            channel.connect(new InetSocketAddress(host.host(), host.port()));
            out.println(
                    "connected to " + host.host() + ":" + host.port() + " (" + chain.label() + ")");
            send(version(), transport);
            converse(channel, transport);
            return 0;
        } catch (java.nio.channels.UnresolvedAddressException e) {
            System.err.println("Error: no such host: " + host.host());
            return 1;
        } catch (IOException e) {
            System.err.println("Error: " + host.host() + ":" + host.port() + ": " + e.getMessage());
            return 1;
        }
    }

    private Transport transport(NamedNetwork chain) {
        return encrypted
                ? Transport.v2Initiator(0, chain.magic(), new SecureRandom()::nextBytes)
                : Transport.v1(0, chain.magic());
    }

    private static VersionMessage version() {
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        return new VersionMessage(
                Negotiated.PROTOCOL_VERSION,
                0,
                Instant.now().getEpochSecond(),
                nowhere,
                nowhere,
                new SecureRandom().nextLong(),
                USER_AGENT,
                0,
                true);
    }

    private void converse(SocketChannel channel, Transport transport) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        flush(channel, transport);
        while (!finished) {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                out.println("the node hung up");
                return;
            }
            transport.push(buffer.flip());
            for (var event = transport.next();
                    event.isPresent() && !finished;
                    event = transport.next()) {
                handle(event.get(), transport);
            }
            flush(channel, transport);
        }
    }

    private static void flush(SocketChannel channel, Transport transport) throws IOException {
        for (var next = transport.nextToSend(); next.isPresent(); next = transport.nextToSend()) {
            Bytes bytes = next.get().bytes();
            ByteBuffer buffer =
                    ByteBuffer.wrap(bytes.backingArray(), bytes.backingOffset(), bytes.length());
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
    }

    private void handle(TransportEvent event, Transport transport) {
        switch (event) {
            case TransportEvent.Received(Frame frame) -> received(frame, transport);
            case TransportEvent.Ignored(String reason, int _) -> out.println("ignored: " + reason);
            case TransportEvent.Decoy(int bytes) -> out.println("decoy: " + bytes + " bytes");
            case TransportEvent.Note(String text) -> out.println("note: " + text);
            case TransportEvent.Fatal(String reason) -> {
                out.println("broken stream: " + reason);
                finished = true;
            }
        }
    }

    private void received(Frame frame, Transport transport) {
        out.printf("%-12s %d bytes%n", frame.command(), frame.payload().length());
        finished = ++count >= countMax;
        try {
            Message message =
                    MessageCodec.decode(frame.command(), frame.payload(), Negotiated.CURRENT);
            describe(message);
            answer(message, transport);
        } catch (MalformedBytes e) {
            out.println("   malformed: " + e.getMessage());
        }
    }

    /// Asks for the first headers: who knows no hash of ours begins after the genesis block.
    private static GetHeaders fromTheBeginning() {
        return new GetHeaders(BlockLocator.of(List.of(BlockHash.ZERO)), BlockHash.ZERO);
    }

    /// An announced thing with its witnesses.
    private static InvItem whole(InvItem item) {
        return switch (item.type()) {
            case InvType.TX -> new InvItem(InvType.WITNESS_TX, item.hash());
            case InvType.BLOCK -> new InvItem(InvType.WITNESS_BLOCK, item.hash());
            default -> item;
        };
    }

    private void send(Message message, Transport transport) {
        transport.send(message);
        if (detail) {
            out.printf("-> %-9s %d bytes%n", message.command(), message.payload().length());
            describe(message);
        }
    }

    /// What a message is about, a line for each field or thing.
    private void describe(Message message) {
        if (!detail) {
            return;
        }
        switch (message) {
            case VersionMessage version -> {
                field("version", version.version());
                field("nTime", version.timestamp());
                field("addrMe", version.addrMe().address());
                field("addrYou", version.addrYou().address());
                field("BestHeight", version.startHeight());
            }
            case Inv inv -> inv.items().forEach(this::thing);
            case GetData wanted -> wanted.items().forEach(this::thing);
            case BlockMessage block -> field("block", block.block().hash());
            case TxMessage tx -> field("tx", tx.tx().wtxid());
            default -> {}
        }
    }

    private void thing(InvItem item) {
        boolean isBlock =
                item.type() == InvType.BLOCK
                        || item.type() == InvType.WITNESS_BLOCK
                        || item.type() == InvType.CMPCT_BLOCK;
        field(isBlock ? "block" : "tx", item.hash());
    }

    private void field(String name, Object value) {
        out.printf("   %-10s %s%n", name, value);
    }

    /// As much politeness and curiosity as keeps a node talking.
    private void answer(Message message, Transport transport) {
        if (message instanceof VersionMessage version) {
            out.println(
                    "   "
                            + version.userAgent()
                            + " protocol "
                            + version.version()
                            + " height "
                            + version.startHeight());
            send(new WtxidRelay(), transport);
            send(new SendAddrV2(), transport);
            send(new Verack(), transport);
        } else if (message instanceof Verack) {
            send(new GetAddr(), transport);
            send(fromTheBeginning(), transport);
        } else if (message instanceof Inv inv) {
            send(new GetData(inv.items().stream().map(ListenCommand::whole).toList()), transport);
        } else if (message instanceof Ping ping) {
            send(new Pong(ping.nonce()), transport);
        }
    }
}
