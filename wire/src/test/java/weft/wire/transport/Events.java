package weft.wire.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import weft.primitives.Bytes;

/// What tests do with transports over and over.
final class Events {
    private Events() {}

    static List<TransportEvent> drain(TransportDecoder transport) {
        var events = new ArrayList<TransportEvent>();
        while (true) {
            var event = transport.next();
            if (event.isEmpty()) {
                return events;
            }
            events.add(event.get());
        }
    }

    /// Pushes bytes in pieces of random sizes, most of them small.
    static List<TransportEvent> pushSplit(
            TransportDecoder transport, Bytes bytes, SplittableRandom random) {
        var events = new ArrayList<TransportEvent>();
        int at = 0;
        while (at < bytes.length()) {
            int size =
                    Math.min(
                            bytes.length() - at,
                            random.nextInt(1, random.nextBoolean() ? 4 : 5_000));
            transport.push(bytes.slice(at, size));
            events.addAll(drain(transport));
            at += size;
        }
        return events;
    }

    static Bytes sent(Transport transport) {
        Bytes all = Bytes.EMPTY;
        while (true) {
            var outgoing = transport.nextToSend();
            if (outgoing.isEmpty()) {
                return all;
            }
            all = all.plus(outgoing.get().bytes());
        }
    }
}
