package weft.p2p;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.Origin;
import weft.p2p.defence.WorkQuota;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.wire.Message;

/// Says what work inbound peers made us, to [WorkQuota].
///
/// Free are headers, blocks and their parts that we asked for, and new headers with work enough to be kept; a
/// transaction's work is given back when the mempool takes it. Peers that we dialled, and those with the
/// permission `noban`, have no account.
final class WorkMeter {
    /// What a message costs outside of the engine, however short it is, in either direction.
    ///
    /// *Rationale:* measured for pings and their answers: socket, taking apart, two queues, the collector.
    private static final long MESSAGE_NANOS = 5_000;

    /// What each byte costs that comes in: checksum or cipher, decoding, the collector.
    private static final long RECEIVED_BYTE_NANOS = 4;

    /// What each byte costs that goes out: reading it from disk, encoding, checksum or cipher, the socket.
    private static final long SENT_BYTE_NANOS = 3;

    /// What a transaction costs the chain engine that does not come into the mempool.
    ///
    /// *Rationale:* most fail before their scripts run; [weft.p2p.tx.WastedWork] counts those that do not.
    private static final long JUDGED_NANOS = 100_000;

    private final EngineParts parts;
    private final WorkQuota quota = new WorkQuota();

    /// What the transactions cost that are judged now.
    private final Map<Wtxid, Charge> judged = new HashMap<>();

    private record Charge(PeerId peer, long nanos) {}

    WorkMeter(EngineParts parts) {
        this.parts = parts;
    }

    WorkQuota quota() {
        return quota;
    }

    void onOpen(Peer peer) {
        if (peer.isInbound() && !peer.permissions().has(PeerPermissions.NO_BAN)) {
            quota.join(peer.id());
        }
    }

    void onGone(PeerId peer) {
        quota.onGone(peer);
    }

    /// Whether a message must wait until its peer has paid for others.
    boolean mustWait(PeerInput input) {
        return switch (input) {
            case PeerInput.Received each ->
                    quota.isOver(each.peer()) && !isFree(each.peer(), each.message());
            case PeerInput.Malformed each -> quota.isOver(each.peer());
            case PeerInput.Dropped each -> quota.isOver(each.peer());
            case PeerInput.Decoy each -> quota.isOver(each.peer());
            default -> false;
        };
    }

    /// To be asked before the message is handled: afterwards nothing is news.
    boolean isFree(PeerId peer, Message message) {
        return !quota.limits(peer) || parts.blocks.isWanted(peer, message);
    }

    /// A message that is not free was handled.
    ///
    /// @param nanos time of the processor that the engine took for it
    /// @param said what came of it, if it was a transaction
    void onHandled(PeerInput.Received input, long nanos, List<PeerOutput> said) {
        long cost = nanos + cost(input.wireBytes());
        quota.charge(input.peer(), cost);
        for (PeerOutput each : said) {
            if (each instanceof PeerOutput.Chain(ChainCommand.SubmitTx(Origin _, Transaction tx))) {
                judged.put(tx.wtxid(), new Charge(input.peer(), cost));
            }
        }
    }

    /// Something came that was no message.
    void onNoise(PeerId peer, int wireBytes) {
        quota.charge(peer, cost(wireBytes));
    }

    private static long cost(int wireBytes) {
        return MESSAGE_NANOS + RECEIVED_BYTE_NANOS * wireBytes;
    }

    void onQueued(PeerId peer, int bytes) {
        quota.charge(peer, MESSAGE_NANOS + SENT_BYTE_NANOS * bytes);
    }

    void onChain(ChainEvent event) {
        switch (event) {
            case ChainEvent.TxAccepted each -> {
                Charge charge = judged.remove(each.tx().wtxid());
                if (charge != null) {
                    quota.refund(charge.peer, charge.nanos);
                }
            }
            case ChainEvent.TxRejected each -> onWasted(each.tx());
            case ChainEvent.TxMissingInputs each -> onWasted(each.tx());
            default -> {}
        }
    }

    private void onWasted(Transaction tx) {
        Charge charge = judged.remove(tx.wtxid());
        if (charge != null) {
            quota.charge(charge.peer, JUDGED_NANOS);
        }
    }
}
