package weft.p2p;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import weft.p2p.HandshakeDiary.One;
import weft.primitives.Bytes;
import weft.wire.Feature;
import weft.wire.GetAddr;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.SendAddrV2;
import weft.wire.SendCmpct;
import weft.wire.SendHeaders;
import weft.wire.SendTxRcncl;
import weft.wire.ServiceFlags;
import weft.wire.Unknown;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// What [Handshake] must say and log by BIP-0031, BIP-0152, BIP-0155, BIP-0330, BIP-0339, BIP-0434 and
/// Bitcoin Core, as [HandshakeDiary] has it.
final class HandshakeModel {
    private static final VersionAddress NOWHERE = new VersionAddress(0, NetAddress.UNSPECIFIED);
    private static final String END = "; disconnecting";

    /// The last words of the alert system, as they are in every node's source.
    private static final Bytes FINAL_ALERT =
            Bytes.parse(
                    "60010000000000000000000000ffffff7f00000000ffffff7ffeffff7f01ffffff7f00000000ffffff7f"
                            + "00ffffff7f002f"
                            + "555247454e543a20416c657274206b657920636f6d70726f6d697365642c"
                            + "20757067726164652072657175697265640046"
                            + "30440220653febd6410f470f6bae11cad19c48413becb1ac2c17f908fd0fd53bdc3abd52"
                            + "02206d0e9c96fe88d4a0f01ed9dedae2b6f9e00da94cad0fecaae66ecf689bf71b50");

    private final HandshakeDiary diary;

    /// Draws the salts of BIP-0330.
    private final SplittableRandom luck;

    // What must have come of it since these were looked at.
    final List<PeerOutput> out = new ArrayList<>();
    final List<String> lines = new ArrayList<>();
    final List<PeerId> settled = new ArrayList<>();

    HandshakeModel(HandshakeDiary diary, SplittableRandom luck) {
        this.diary = diary;
        this.luck = luck;
    }

    private void send(One to, Message message) {
        out.add(new PeerOutput.Send(to.id, message));
    }

    private void drop(One one, String why) {
        one.dropped = true;
        out.add(new PeerOutput.Disconnect(one.id, why));
    }

    /// Drops it with what the log says too.
    private void logAndDrop(One one, String why) {
        lines.add(why);
        drop(one, why);
    }

    private static String peer(One one) {
        return "peer=" + one.id;
    }

    /// A connection opened; who dialled speaks first.
    One open(Connection connection) {
        One one = diary.open(connection);
        if (!one.isInbound()) {
            sayVersion(one);
        }
        return one;
    }

    private void sayVersion(One to) {
        int version = to.isPrivate() ? 70_016 : HandshakeDiary.OURS;
        int blocks = to.isPrivate() ? 0 : diary.height;
        boolean relay = !to.isPrivate() && !diary.refusesTxs(to);
        lines.add(
                "send version message: version "
                        + version
                        + ", blocks="
                        + blocks
                        + ", txrelay="
                        + (relay ? 1 : 0)
                        + ", "
                        + peer(to));
        if (to.isPrivate()) {
            String agent = "/pynode:0.0.1/";
            send(
                    to,
                    new VersionMessage(version, 0, 0, NOWHERE, NOWHERE, to.nonce, agent, 0, false));
            return;
        }
        long ours = diary.self.services();
        if (diary.lacksHistory) {
            ours &= ~ServiceFlags.NETWORK;
        }
        if (to.permissions.has(PeerPermissions.BLOOM_FILTER)) {
            ours |= ServiceFlags.BLOOM;
        }
        boolean fits =
                switch (to.address.network()) {
                    case IPV4, IPV6 -> true;
                    case TORV3, I2P, CJDNS, INTERNAL -> false;
                };
        boolean tell = fits && to.address.isRoutable();
        send(
                to,
                new VersionMessage(
                        version,
                        ours,
                        diary.seconds,
                        new VersionAddress(to.dialled, tell ? to.address : NetAddress.UNSPECIFIED),
                        new VersionAddress(ours, NetAddress.UNSPECIFIED),
                        to.nonce,
                        diary.self.userAgent(),
                        blocks,
                        relay));
    }

    /// @return whether nobody else shall hear it
    boolean hear(One from, Message message) {
        boolean greeted = diary.theirs(from) != null;
        boolean settledBefore = diary.isSettled(from);
        boolean registered = diary.isRegistered(from);
        Connection.Reconciliation before = diary.reconciliation(from);
        boolean taken = !(message instanceof VersionMessage each) || isTaken(from, each, greeted);
        diary.write(from, message, taken);
        if (message instanceof VersionMessage theirs && !greeted) {
            if (taken) {
                greet(from, theirs);
            }
        } else if (message instanceof VersionMessage) {
            lines.add("redundant version message from " + peer(from));
        } else if (!greeted) {
            hearEarly(from, message);
        } else {
            switch (message) {
                case Verack _ -> hearVerack(from, settledBefore, before);
                case WtxidRelay _ -> hearWtxidRelay(from, settledBefore);
                case SendAddrV2 _ -> {
                    if (settledBefore) {
                        logAndDrop(
                                from, "sendaddrv2 received after verack from " + peer(from) + END);
                    }
                }
                case SendTxRcncl offer -> hearSendTxRcncl(from, offer, settledBefore, registered);
                case Feature feature -> hearFeature(from, feature, settledBefore);
                default -> {
                    boolean kept = message instanceof SendHeaders || message instanceof SendCmpct;
                    if (!settledBefore && !kept) {
                        lines.add(
                                "Unsupported message \""
                                        + HandshakeDiary.safe(message.command())
                                        + "\" prior to verack from "
                                        + peer(from));
                    }
                    return !settledBefore;
                }
            }
        }
        return true;
    }

    /// Services first, then age, then whether it is us.
    private boolean isTaken(One from, VersionMessage theirs, boolean greeted) {
        if (greeted) {
            return true;
        }
        boolean chosen =
                from.type == ConnectionType.OUTBOUND_FULL_RELAY
                        || from.type == ConnectionType.BLOCK_RELAY_ONLY
                        || from.type == ConnectionType.ADDR_FETCH;
        if (chosen && !HandshakeDiary.isEnough(theirs.services(), diary.seconds, diary.tip)) {
            String figures =
                    String.format(
                            Locale.ROOT,
                            " (%08x offered, %08x expected)",
                            theirs.services(),
                            HandshakeDiary.wanted(theirs.services(), diary.seconds, diary.tip));
            logAndDrop(from, peer(from) + " does not offer the expected services" + figures + END);
            return false;
        }
        if (theirs.version() < 31_800) {
            logAndDrop(from, peer(from) + " using obsolete version " + theirs.version() + END);
            return false;
        }
        if (from.isInbound() && isOurs(theirs.nonce())) {
            lines.add("connected to self at " + from.address + ", disconnecting");
            drop(from, "connected to self");
            return false;
        }
        return true;
    }

    /// Whether we said it on a connection of ours that is not settled. One that was and is about to end
    /// counts too; with Bitcoin Core it does not, but nobody but its peer can know that nonce. Private
    /// connections are left out, so that nobody learns whose they are.
    private boolean isOurs(long nonce) {
        return diary.all.stream()
                .filter(each -> !each.gone && !each.isInbound() && !each.isPrivate())
                .filter(each -> each.dropped || !diary.isSettled(each))
                .anyMatch(each -> each.nonce == nonce);
    }

    private void greet(One one, VersionMessage theirs) {
        if (one.isInbound()) {
            sayVersion(one);
        }
        if (diary.common(one) >= 70_016) {
            send(one, new WtxidRelay());
            send(one, new SendAddrV2());
        }
        if (diary.offersReconciliation(one)) {
            lines.add("Pre-register " + peer(one));
            send(one, new SendTxRcncl(1, luck.nextLong()));
        }
        send(one, new Verack());
        if (!one.isInbound() && one.type != ConnectionType.BLOCK_RELAY_ONLY) {
            send(one, new GetAddr());
        }
        lines.add(
                "receive version message: "
                        + HandshakeDiary.safe(theirs.userAgent())
                        + ": version "
                        + theirs.version()
                        + ", blocks="
                        + theirs.startHeight()
                        + ", us="
                        + theirs.addrYou().address()
                        + ", txrelay="
                        + (theirs.relay() ? 1 : 0)
                        + ", "
                        + peer(one));
        if (diary.common(one) <= 70_012) {
            send(one, new Unknown("alert", FINAL_ALERT));
        }
        if (one.type == ConnectionType.FEELER) {
            logAndDrop(one, "feeler connection completed " + peer(one) + END);
        }
    }

    private void hearEarly(One from, Message message) {
        lines.add(
                "non-version message before version handshake. Message \""
                        + HandshakeDiary.safe(message.command())
                        + "\" from "
                        + peer(from));
        if (diary.self.counts() && !from.shadowed) {
            int before = diary.points(from);
            diary.writeEarly(from);
            lines.add(
                    "Misbehaving: "
                            + peer(from)
                            + " ("
                            + before
                            + " -> "
                            + (before + 1)
                            + "): missing version");
        }
    }

    private void hearVerack(One from, boolean settledBefore, Connection.Reconciliation before) {
        VersionMessage theirs = diary.theirs(from);
        if (settledBefore || theirs == null) {
            lines.add("ignoring redundant verack message from " + peer(from));
            return;
        }
        lines.add(
                "New "
                        + from.type.rpcName()
                        + " "
                        + from.transport
                        + " peer connected: version: "
                        + theirs.version()
                        + ", blocks="
                        + theirs.startHeight()
                        + ", "
                        + peer(from));
        if (!before.equals(diary.reconciliation(from))) {
            lines.add("Forget txreconciliation state of " + peer(from));
        }
        if (diary.common(from) >= 70_014 && !from.shadowed) {
            send(from, new SendCmpct(false, 2));
        }
        send(from, diary.common(from) > 60_000 ? Ping.of(1) : new Ping(OptionalLong.empty()));
        if (!from.shadowed) {
            settled.add(from.id);
            out.add(new PeerOutput.Emit(new PeerEvent.PeerReady(from.id, from.address, from.type)));
        }
    }

    private void hearWtxidRelay(One from, boolean settledBefore) {
        long times = diary.between(from).stream().filter(WtxidRelay.class::isInstance).count();
        if (settledBefore) {
            logAndDrop(from, "wtxidrelay received after verack from " + peer(from) + END);
        } else if (diary.common(from) < 70_016) {
            String old = "ignoring wtxidrelay due to old common version=" + diary.common(from);
            lines.add(old + " from " + peer(from));
        } else if (times > 1) {
            lines.add("ignoring duplicate wtxidrelay from " + peer(from));
        }
    }

    private void hearSendTxRcncl(
            One from, SendTxRcncl offer, boolean settledBefore, boolean registered) {
        String name = "sendtxrcncl";
        String broken = "txreconciliation protocol violation from " + peer(from);
        if (!diary.self.reconciles()) {
            lines.add(
                    name
                            + " from "
                            + peer(from)
                            + " ignored, as our node does not have txreconciliation enabled");
        } else if (settledBefore) {
            logAndDrop(from, name + " received after verack from " + peer(from) + END);
        } else if (diary.refusesTxs(from)) {
            String to = " to which we indicated no tx relay";
            logAndDrop(from, name + " received from " + peer(from) + to + END);
        } else if (!diary.relaysTxs(from)) {
            String which = " which indicated no tx relay to us";
            logAndDrop(from, name + " received from " + peer(from) + which + END);
        } else if (!diary.offersReconciliation(from)) {
            lines.add("Ignore unexpected txreconciliation signal from " + peer(from));
        } else if (registered) {
            String twice = " (sendtxrcncl received from already registered peer)";
            logAndDrop(from, broken + twice + END);
        } else if (offer.version() == 0) {
            logAndDrop(from, broken + END);
        } else {
            int inbound = from.isInbound() ? 1 : 0;
            lines.add("Register " + peer(from) + " (inbound=" + inbound + ")");
        }
    }

    private void hearFeature(One from, Feature feature, boolean settledBefore) {
        if (mayFeature(from, settledBefore)) {
            String id = HandshakeDiary.safe(feature.id().toLatin1());
            lines.add("unknown feature advertised: " + id + ", " + peer(from));
        }
    }

    /// A `feature` came that is none.
    void hearBadFeature(One from) {
        if (diary.theirs(from) != null && mayFeature(from, diary.isSettled(from))) {
            logAndDrop(from, "invalid feature payload from " + peer(from) + END);
        }
    }

    private boolean mayFeature(One from, boolean settledBefore) {
        if (settledBefore) {
            logAndDrop(from, "feature received after verack from " + peer(from) + END);
            return false;
        }
        if (diary.common(from) < 70_017) {
            String version = "feature received with incompatible version " + diary.common(from);
            logAndDrop(from, version + " from " + peer(from) + END);
            return false;
        }
        return true;
    }

    /// The connection is gone.
    void leave(One one) {
        if (!diary.reconciliation(one).equals(Connection.Reconciliation.NONE)) {
            lines.add("Forget txreconciliation state of " + peer(one));
        }
        one.gone = true;
    }
}
