package weft.p2p.record;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.p2p.P2pOptions;
import weft.p2p.PeerPermissions;
import weft.p2p.addr.AsMap;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Countermeasures;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.defence.MisbehaviourPolicy;
import weft.p2p.peers.Keepalive;
import weft.p2p.sync.SyncOptions;
import weft.p2p.tx.Spreading;
import weft.p2p.tx.TxOptions;
import weft.primitives.codec.MalformedBytes;
import weft.wire.AddressEntry;
import weft.wire.NetworkId;
import weft.wire.Subnet;

/// The settings of the peer engine, as bytes: every component of every record, in order.
final class OptionsForm {
    private OptionsForm() {}

    static void write(P2pOptions options, FormWriter out) {
        self(options.self(), out);
        limits(options.limits(), out);
        sources(options.sources(), out);
        access(options.access(), out);
        SyncOptions sync = options.sync();
        out.i64(sync.ourServices()).bool(sync.blocksOnly()).bool(sync.pruning());
        out.i32(sync.extraTransactions()).bool(sync.headersOnly());
        TxOptions tx = options.tx();
        out.i64(tx.ourServices()).bool(tx.blocksOnly()).i32(tx.orphansMax());
        out.i64(tx.minRelaySatoshisPerKvB()).u8(tx.spreading().ordinal()).i32(tx.fluffPercent());
        DefenceOptions defence = options.defence();
        out.u8(defence.policy().ordinal()).bool(defence.reacts());
        Countermeasures measures = defence.measures();
        out.bool(measures.groups()).bool(measures.feelers()).bool(measures.testFirst());
        out.bool(measures.addrLimit()).bool(measures.oldFriends());
        out.bool(measures.variety());
    }

    static P2pOptions read(FormReader in) {
        return new P2pOptions(
                self(in),
                limits(in),
                sources(in),
                access(in),
                new SyncOptions(in.i64(), in.bool(), in.bool(), in.i32(), in.bool()),
                new TxOptions(
                        in.i64(),
                        in.bool(),
                        in.i32(),
                        in.i64(),
                        in.oneOf(Spreading.values()),
                        in.i32()),
                new DefenceOptions(
                        in.oneOf(MisbehaviourPolicy.values()),
                        in.bool(),
                        new Countermeasures(
                                in.bool(), in.bool(), in.bool(), in.bool(), in.bool(), in.bool())));
    }

    private static void self(P2pOptions.Self self, FormWriter out) {
        out.i32(self.port()).i64(self.services()).text(self.userAgent());
        out.bool(self.listen()).bool(self.discover()).list(self.addresses(), out::address);
        out.bool(self.txReconciliation());
    }

    private static P2pOptions.Self self(FormReader in) {
        return new P2pOptions.Self(
                in.i32(),
                in.i64(),
                in.text(),
                in.bool(),
                in.bool(),
                in.list(in::address),
                in.bool());
    }

    private static void limits(P2pOptions.Limits limits, FormWriter out) {
        out.i32(limits.fullRelay()).i32(limits.blockRelay()).i32(limits.inbound());
        duration(limits.peerTimeout(), out);
        Keepalive keepalive = limits.keepalive();
        duration(keepalive.interval(), out);
        duration(keepalive.pongTimeout(), out);
        duration(keepalive.silenceMax(), out);
        out.bool(keepalive.onlyIfIdle()).i64(limits.uploadBytesADay()).i32(limits.best());
    }

    private static P2pOptions.Limits limits(FormReader in) {
        return new P2pOptions.Limits(
                in.i32(),
                in.i32(),
                in.i32(),
                duration(in),
                new Keepalive(duration(in), duration(in), duration(in), in.bool()),
                in.i64(),
                in.i32());
    }

    private static void sources(P2pOptions.Sources sources, FormWriter out) {
        out.bool(sources.automatic());
        out.list(sources.connect(), out::text);
        out.list(sources.addNodes(), out::text);
        out.list(sources.seedNodes(), out::text);
        P2pOptions.Dns dns = sources.dns();
        out.list(dns.seeds(), out::text).bool(dns.enabled()).bool(dns.forced());
        out.bool(dns.byProxy());
        entries(sources.fixed(), out);
        out.bool(sources.fallBack());
        entries(sources.anchors(), out);
        NetGroups groups = sources.groups();
        out.bool(groups.allowLocal());
        out.maybe(Optional.ofNullable(groups.asMap()), map -> out.bytes(map.file()));
        P2pOptions.Probe probe = sources.probe();
        out.list(probe.ranges(), out::subnet);
        duration(probe.interval(), out);
    }

    private static P2pOptions.Sources sources(FormReader in) {
        return new P2pOptions.Sources(
                in.bool(),
                in.list(in::text),
                in.list(in::text),
                in.list(in::text),
                new P2pOptions.Dns(in.list(in::text), in.bool(), in.bool(), in.bool()),
                entries(in),
                in.bool(),
                entries(in),
                new NetGroups(in.bool(), asMap(in)),
                new P2pOptions.Probe(in.list(in::subnet), duration(in)));
    }

    private static @Nullable AsMap asMap(FormReader in) {
        return in.maybe(
                        () ->
                                AsMap.parse(in.bytes())
                                        .orElseThrow(
                                                () -> new MalformedBytes("no map of operators")))
                .orElse(null);
    }

    private static void access(P2pOptions.Access access, FormWriter out) {
        out.list(
                access.whitelist(),
                each ->
                        out.subnet(each.subnet())
                                .i32(each.permissions().bits())
                                .bool(each.incoming())
                                .bool(each.outgoing()));
        out.list(access.reachable(), each -> out.u8(each.ordinal()));
        out.bool(access.networkActive());
    }

    private static P2pOptions.Access access(FormReader in) {
        return new P2pOptions.Access(
                in.list(() -> whitelisted(in)),
                in.list(() -> in.oneOf(NetworkId.values())),
                in.bool());
    }

    private static P2pOptions.Whitelisted whitelisted(FormReader in) {
        Subnet subnet = in.subnet();
        return new P2pOptions.Whitelisted(
                subnet, new PeerPermissions(in.i32()), in.bool(), in.bool());
    }

    static void duration(Duration duration, FormWriter out) {
        out.i64(duration.toNanos());
    }

    static Duration duration(FormReader in) {
        return Duration.ofNanos(in.i64());
    }

    private static void entries(List<AddressEntry> entries, FormWriter out) {
        out.list(entries, each -> CommandForm.entry(each, out));
    }

    private static List<AddressEntry> entries(FormReader in) {
        return in.list(() -> CommandForm.entry(in));
    }
}
