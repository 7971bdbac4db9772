package weft.app.tools;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import weft.primitives.Bytes;
import weft.primitives.codec.MalformedBytes;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.transport.Frame;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// `weft msg`: frames of the plain transport, made and taken apart, to see what goes over the wire.
@Command(
        name = "msg",
        description = "Encode or decode messages of the plain transport; show captured ones.",
        mixinStandardHelpOptions = true,
        subcommands = {MsgCommand.Encode.class, MsgCommand.Decode.class, MsgShow.class})
public final class MsgCommand {
    private static final int HEADER_BYTES = 24;

    private MsgCommand() {}

    /// `weft msg encode COMMAND [--text T | --hex H]`.
    @Command(name = "encode", description = "Frame a payload.", mixinStandardHelpOptions = true)
    public static final class Encode implements Callable<Integer> {
        @Parameters(
                paramLabel = "COMMAND",
                description = "Name of the message, at most 12 characters.")
        private String command = "";

        @Option(names = "--text", description = "The payload as text.")
        private Optional<String> text = Optional.empty();

        @Option(names = "--hex", description = "The payload as hexadecimal digits.")
        private Optional<String> hex = Optional.empty();

        @Option(names = "--network", description = "main, test, testnet4, signet or regtest.")
        private String network = "main";

        private final PrintStream out;

        /// A command that prints to standard output.
        public Encode() {
            this.out = System.out;
        }

        @Override
        public Integer call() {
            try {
                if (text.isPresent() && hex.isPresent()) {
                    throw new IllegalArgumentException("give --text or --hex, not both");
                }
                if (command.isEmpty()
                        || command.length() > Message.COMMAND_BYTES
                        || !command.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
                    throw new IllegalArgumentException(
                            "COMMAND is 1 to 12 printable ASCII characters");
                }
                Bytes payload =
                        hex.map(Bytes::parse)
                                .orElseGet(
                                        () ->
                                                Bytes.wrap(
                                                        text.orElse("")
                                                                .getBytes(StandardCharsets.UTF_8)));
                try (Transport transport = Transport.v1(0, NamedNetwork.parse(network).magic())) {
                    transport.send(command, payload);
                    var frame = new StringBuilder();
                    for (var next = transport.nextToSend();
                            next.isPresent();
                            next = transport.nextToSend()) {
                        frame.append(next.get().bytes().toHex());
                    }
                    out.println(frame);
                    out.println("Message length: " + frame.length() / 2 + " bytes");
                }
                return 0;
            } catch (IllegalArgumentException e) {
                System.err.println("Error: " + e.getMessage());
                return 1;
            }
        }
    }

    /// `weft msg decode HEX`.
    @Command(name = "decode", description = "Take frames apart.", mixinStandardHelpOptions = true)
    public static final class Decode implements Callable<Integer> {
        @Parameters(paramLabel = "HEX", description = "One or more frames as hexadecimal digits.")
        private String hex = "";

        private final PrintStream out;

        /// A command that prints to standard output.
        public Decode() {
            this.out = System.out;
        }

        @Override
        public Integer call() {
            byte[] bytes;
            try {
                bytes = HexFormat.of().parseHex(hex);
            } catch (IllegalArgumentException e) {
                System.err.println("Error: not hexadecimal: " + e.getMessage());
                return 1;
            }
            if (bytes.length < HEADER_BYTES) {
                System.err.println(
                        "Error: a frame has at least "
                                + HEADER_BYTES
                                + " bytes, here are "
                                + bytes.length);
                return 1;
            }
            Optional<NamedNetwork> network = network(Bytes.wrap(bytes, 0, 4));
            if (network.isEmpty()) {
                System.err.println(
                        "Error: no network begins its messages with "
                                + Bytes.wrap(bytes, 0, 4).toHex());
                return 1;
            }
            return decode(bytes, network.get());
        }

        private static Optional<NamedNetwork> network(Bytes magic) {
            for (NamedNetwork each : NamedNetwork.values()) {
                if (each.magic().equals(magic)) {
                    return Optional.of(each);
                }
            }
            return Optional.empty();
        }

        private int decode(byte[] bytes, NamedNetwork network) {
            int taken = 0;
            try (Transport transport = Transport.v1(0, network.magic())) {
                transport.push(bytes, 0, bytes.length);
                for (var event = transport.next(); event.isPresent(); event = transport.next()) {
                    switch (event.get()) {
                        case TransportEvent.Received(Frame frame) -> {
                            taken += frame.wireBytes();
                            print(frame, network);
                        }
                        case TransportEvent.Decoy _ -> {}
                        case TransportEvent.Note(String note) -> out.println(note);
                        case TransportEvent.Ignored(String reason, int _) -> {
                            System.err.println("Error: " + reason);
                            return 1;
                        }
                        case TransportEvent.Fatal(String reason) -> {
                            System.err.println("Error: " + reason);
                            return 1;
                        }
                    }
                }
            }
            if (taken < bytes.length) {
                System.err.println(
                        "Error: the last "
                                + (bytes.length - taken)
                                + " bytes are not a whole message");
                return 1;
            }
            return 0;
        }

        private void print(Frame frame, NamedNetwork network) {
            out.println("network:  " + network.label());
            out.println("command:  " + frame.command());
            out.println("length:   " + frame.payload().length());
            out.println("payload:  " + frame.payload().toHex());
            try {
                Message message =
                        MessageCodec.decode(frame.command(), frame.payload(), Negotiated.CURRENT);
                out.println("message:  " + message);
            } catch (MalformedBytes e) {
                out.println("message:  malformed (" + e.getMessage() + ")");
            }
        }
    }
}
