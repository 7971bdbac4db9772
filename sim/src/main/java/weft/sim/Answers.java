package weft.sim;

import org.jspecify.annotations.Nullable;
import weft.p2p.Peer;
import weft.p2p.PeerInput;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.InvItem;
import weft.wire.Message;
import weft.wire.NotFound;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.TxMessage;

/// What a node answers at once: a `ping` with its `pong`, `getheaders` with `headers`, and each transaction
/// that is asked for with itself or `notfound`. And what it asks one thing at a time: headers of one peer
/// again only when an answer came, or two minutes have passed.
///
/// What takes its time, blocks, is with [Obligations].
final class Answers {
    private static final long HEADERS_PATIENCE_NANOS = 120_000_000_000L;

    private @Nullable Link asker;
    private int due;
    private int given;
    private long nonce;
    private long checks;

    Answers() {}

    /// How often something was looked at.
    long checks() {
        return checks;
    }

    /// A node is about to deal with a message.
    void onArrives(SimNode node, PeerInput.Received input) {
        asker = null;
        Link link = node.link(input.peer());
        if (link == null) {
            return;
        }
        switch (input.message()) {
            case Headers _ -> link.headersAskedNanos = Link.NEVER;
            case Ping ping -> {
                expect(node, link, ping.nonce().isPresent() ? 1 : 0);
                nonce = ping.nonce().orElse(0);
            }
            case GetHeaders _ -> expect(node, link, 1);
            case GetData(var items) ->
                    expect(node, link, (int) items.stream().filter(InvItem::isGenTx).count());
            default -> {}
        }
    }

    private void expect(SimNode node, Link link, int count) {
        Peer peer = node.node().peers().find(link.peer);
        if (count > 0 && peer != null && peer.isReady()) {
            asker = link;
            due = count;
            given = 0;
        }
    }

    /// A message leaves a node.
    void onSaid(Link link, Message message) {
        if (message instanceof GetHeaders) {
            checks++;
            long now = link.owner.world().scheduler().nowNanos();
            Invariants.hold(
                    link.headersAskedNanos == Link.NEVER
                            || now - link.headersAskedNanos > HEADERS_PATIENCE_NANOS,
                    link.owner,
                    "asks for headers while an answer is awaited",
                    "");
            link.headersAskedNanos = now;
        } else if (link == asker) {
            switch (message) {
                case Pong pong -> given += pong.nonce().orElse(0) == nonce ? 1 : 0;
                case Headers _, TxMessage _ -> given++;
                case NotFound(var items) ->
                        given += (int) items.stream().filter(InvItem::isGenTx).count();
                default -> {}
            }
        }
    }

    /// A node has dealt with a message.
    void onHandled(SimNode node, PeerInput.Received input) {
        Link link = asker;
        asker = null;
        if (link == null) {
            return;
        }
        checks++;
        boolean isHungUp = node.link(link.peer) != link;
        Invariants.hold(
                given == due || isHungUp,
                node,
                "did not answer what it was asked: ",
                input.message().command());
    }
}
