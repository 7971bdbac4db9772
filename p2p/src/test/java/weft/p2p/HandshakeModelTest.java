package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.HandshakeDiary.One;
import weft.p2p.addr.AddrManEntry;
import weft.p2p.addr.LocalAddresses;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.defence.MisbehaviourPolicy;
import weft.p2p.tx.TxOptions;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.AddressEntry;
import weft.wire.FeeFilter;
import weft.wire.GetHeaders;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.SendHeaders;
import weft.wire.ServiceFlags;
import weft.wire.VersionMessage;

/// [Handshake] against a model that keeps a diary.
class HandshakeModelTest implements SeenRed {
    private static final long DAY = 86_400;
    private static final int PORT = HandshakeWords.PORT;
    private static final long FULL = HandshakeWords.FULL;
    private static final long PRUNED = HandshakeWords.PRUNED;
    private static final List<NetAddress> PLACES = HandshakeWords.PLACES;

    /// Lines of the handshake; other machines write of addresses, time and headers.
    private static final class Lines implements Log {
        final List<String> all = new ArrayList<>();

        @Override
        public boolean isOn(LogCategory category, Level level) {
            return true;
        }

        @Override
        public void write(LogCategory category, Level level, String message) {
            boolean others =
                    category.equals(LogCategory.ADDRMAN)
                            || message.startsWith("AddLocal(")
                            || message.startsWith("initial getheaders");
            if (!others) {
                all.add(message);
            }
        }
    }

    /// Hears who is settled.
    private static final class Witness implements SubProtocol {
        final List<PeerId> settled = new ArrayList<>();

        @Override
        public void onReady(Peer peer, Now now, Outbox out) {
            settled.add(peer.id());
        }

        @Override
        public void onGone(PeerId peer, Now now, Outbox out) {}

        @Override
        public boolean onMessage(Peer peer, Message message, Now now, Outbox out) {
            return false;
        }

        @Override
        public void onTick(Now now, Outbox out) {}

        @Override
        public OptionalLong nextDeadlineNanos() {
            return OptionalLong.empty();
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final HandshakeWords words;
        final Lines lines = new Lines();
        final Witness witness = new Witness();
        final EngineParts parts;
        final Handshake machine;
        final HandshakeDiary diary;
        final HandshakeModel model;
        final Outbox out = new Outbox();

        /// Scores of our addresses and services of those in the book, before anybody said anything.
        final Map<NetAddress, Integer> locals;

        final Map<NetAddress, Long> book = new TreeMap<>();
        final List<HeaderNode> chain = new ArrayList<>();
        long nanos = 3_600_000_000_000L;
        long nextPeer;

        World(SplittableRandom random) {
            this.random = random;
            this.words = new HandshakeWords(random);
            boolean reconciles = random.nextInt(3) > 0;
            boolean blocksOnly = random.nextInt(4) == 0;
            MisbehaviourPolicy policy = any(List.of(MisbehaviourPolicy.values()));
            long services = any(List.of(FULL, PRUNED, FULL | PRUNED | ServiceFlags.BLOOM, 0L));
            var self =
                    new HandshakeDiary.Self(
                            services, "/weft:7/", reconciles, blocksOnly, policy.counts());
            P2pOptions usual = P2pOptions.of(PORT, new NetGroups(random.nextBoolean()));
            TxOptions txs = TxOptions.of(services);
            P2pOptions options =
                    usual.with(
                                    new P2pOptions.Self(
                                            PORT,
                                            services,
                                            self.userAgent(),
                                            true,
                                            true,
                                            List.of(),
                                            reconciles))
                            .with(
                                    new TxOptions(
                                            services,
                                            blocksOnly,
                                            txs.orphansMax(),
                                            txs.minRelaySatoshisPerKvB()))
                            .with(DefenceOptions.DEFAULT.with(policy));
            long seed = random.nextLong();
            parts =
                    new EngineParts(
                            options,
                            PeerEngine.Memory.empty(options, random.split(), lines),
                            new NoRules(),
                            new SplittableRandom(seed),
                            lines);
            parts.more.add(witness);
            machine = new Handshake(parts);
            diary = new HandshakeDiary(self);
            // The engine's own luck; it draws two numbers for something else first.
            SplittableRandom luck = new SplittableRandom(seed).split();
            luck.nextLong();
            luck.nextLong();
            model = new HandshakeModel(diary, luck);
            diary.seconds = 1_700_000_000;
            for (NetAddress each : PLACES) {
                long offered = any(List.of(0L, FULL, PRUNED));
                if (random.nextBoolean()) {
                    parts.locals.add(each, LocalAddresses.MANUAL);
                }
                if (random.nextBoolean()) {
                    parts.book.add(
                            List.of(new AddressEntry(diary.seconds, offered, each)),
                            each,
                            0,
                            diary.seconds);
                }
                if (parts.book.find(each) != null) {
                    book.put(each, offered);
                }
            }
            locals = parts.locals.all();
        }

        private <T> T any(List<T> of) {
            return words.any(of);
        }

        private boolean rarely(int times) {
            return words.rarely(times);
        }

        Now now() {
            Now now = new Now(nanos, Instant.ofEpochSecond(diary.seconds, nanos % 1_000_000_000));
            parts.tellTime(now);
            return now;
        }

        // ---- connections

        /// Often one of ours.
        private long nonce() {
            List<One> dialled = present().stream().filter(each -> !each.isInbound()).toList();
            return dialled.isEmpty() || rarely(2)
                    ? random.nextLong()
                    : any(rarely(3) ? diary.all : dialled).nonce;
        }

        private void open() {
            ConnectionType type =
                    rarely(2) ? ConnectionType.INBOUND : any(List.of(ConnectionType.values()));
            var permissions =
                    new PeerPermissions(
                            any(
                                    List.of(
                                            0,
                                            0,
                                            PeerPermissions.BLOOM_FILTER,
                                            PeerPermissions.RELAY,
                                            PeerPermissions.FORCE_RELAY,
                                            PeerPermissions.NO_BAN)));
            NetAddress address = any(PLACES);
            var builder =
                    new Peer.Builder(
                            new PeerId(nextPeer++),
                            type,
                            address,
                            any(PLACES),
                            false,
                            permissions,
                            nanos);
            boolean inbound = type == ConnectionType.INBOUND;
            long said = any(List.of(0L, FULL, PRUNED));
            var connection =
                    new Connection(
                            builder.build(),
                            new Connection.Opening(
                                    inbound ? Dial.NONE : Dial.of(address, said, type),
                                    random.nextLong(),
                                    0,
                                    false,
                                    diary.seconds));
            connection.transport = any(List.of(TransportVersion.values()));
            connection.shadowed = inbound && rarely(6);
            parts.connections.add(connection);
            model.open(connection);
            if (!inbound) {
                machine.sendVersion(connection, now(), out);
            }
        }

        private Connection of(One one) {
            return Check.present(parts.connections.get(one.id), "it is there");
        }

        private List<One> present() {
            return diary.all.stream().filter(each -> !each.gone).toList();
        }

        private List<One> open(boolean withPrivate) {
            return present().stream()
                    .filter(each -> !each.dropped && (withPrivate || !each.isPrivate()))
                    .toList();
        }

        private void leave(One one) {
            machine.forgetReconciliation(of(one));
            parts.connections.remove(one.id);
            model.leave(one);
        }

        /// Another machine, or the operator, has enough of it.
        private void drop(One one) {
            parts.connections.disconnect(one.id, "any reason", out);
            model.out.add(new PeerOutput.Disconnect(one.id, "any reason"));
            one.dropped = true;
        }

        // ---- messages

        private void say(One one, Message message) {
            boolean early = diary.theirs(one) == null && !(message instanceof VersionMessage);
            // What becomes of who has a hundred points is no matter of the handshake, nor is what
            // is not
            // heard any more.
            boolean deaf = one.shadowed && diary.isSettled(one);
            if (one.dropped || deaf || (early && diary.points(one) >= 99)) {
                return;
            }
            boolean before = diary.isSettled(one);
            boolean done = machine.onMessage(of(one), message, now(), out);
            assertThat(done).isEqualTo(model.hear(one, message));
            if (!before && diary.isSettled(one)) {
                settled(one);
            }
        }

        /// What came too early was passed on. The other machines are held against models of their own, and so
        /// have their peer no longer.
        private void settled(One one) {
            assertThat(parts.blocks.stats(one.id).hbFrom())
                    .isEqualTo(!one.shadowed && diary.wantsCompact(one));
            parts.blocks.onGone(one.id, now(), out);
            parts.txs.onGone(one.id, now(), out);
            parts.pings.onGone(one.id);
        }

        private void talk() {
            List<One> open = open(false);
            if (open.isEmpty()) {
                return;
            }
            One one = any(open);
            if (diary.isSettled(one) && !rarely(6)) {
                // What it says now most often ends it.
                return;
            }
            boolean wishes = rarely(6);
            for (int i = random.nextInt(wishes ? 7 : 5); i >= 0; i--) {
                boolean greets = diary.theirs(one) == null && rarely(2);
                say(
                        one,
                        greets
                                ? words.version(diary.seconds, nonce())
                                : wishes ? words.wish() : words.message(diary.seconds, nonce()));
            }
        }

        private void misspell() {
            List<One> open = open(false);
            if (!open.isEmpty()) {
                One one = any(open);
                machine.onMalformedFeature(of(one).peer, out);
                model.hearBadFeature(one);
            }
        }

        // ---- time and the chain

        private void pass() {
            nanos += random.nextLong(60_000_000_000L);
            diary.seconds =
                    switch (random.nextInt(6)) {
                        case 0 -> Math.max(DAY, diary.tip + DAY - random.nextInt(3) + 1);
                        case 1 -> diary.seconds - random.nextInt(4000);
                        case 2 -> diary.seconds + any(List.of(DAY - 1, DAY, DAY + 1));
                        default -> diary.seconds + random.nextInt(60);
                    };
        }

        private BlockHeader header(BlockHash before) {
            long time = Math.max(0, diary.seconds - random.nextInt(2 * (int) DAY));
            return new BlockHeader(4, before, Digest256.ZERO, time, 1, random.nextInt(1 << 30));
        }

        private void grow() {
            if (chain.isEmpty()) {
                chain.add(HeaderNode.genesis(header(BlockHash.ZERO), BigInteger.ONE));
                HeaderNode first = chain.getFirst();
                event(new ChainEvent.Loaded(chain, chain, first, random.nextBoolean()));
            } else {
                HeaderNode old = chain.getLast();
                BlockHeader header = header(old.hash());
                chain.add(HeaderNode.of(header, header.hash(), old, BigInteger.ONE));
                event(new ChainEvent.TipChanged(old, chain.getLast(), old, random.nextBoolean()));
            }
            diary.tip = chain.getLast().time();
            diary.height = chain.size() - 1;
        }

        /// Below a snapshot blocks come, or the last of them has come.
        private void moveHistory() {
            if (!chain.isEmpty()) {
                HeaderNode base = any(chain);
                HeaderNode tip = any(chain.subList(0, base.height() + 1));
                event(new ChainEvent.HistoryMoved(tip, base));
                diary.lacksHistory = tip.height() < base.height();
            }
        }

        private void event(ChainEvent event) {
            parts.blocks.onChainEvent(event, now(), out);
        }

        void step() {
            List<One> present = present();
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3 -> {
                    open();
                    if (present.size() > 7) {
                        leave(any(present));
                    }
                }
                case 4 -> pass();
                case 5 -> grow();
                case 6 -> misspell();
                case 7 -> {
                    if (rarely(8)) {
                        moveHistory();
                    } else if (rarely(3) && !open(true).isEmpty()) {
                        drop(any(open(true)));
                    }
                }
                default -> talk();
            }
            compare();
        }

        // ---- what came of it

        private void compare() {
            var said = new ArrayList<PeerOutput>();
            for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
                said.addAll(ofHandshake(each));
            }
            assertThat(said).isEqualTo(model.out);
            assertThat(lines.all).isEqualTo(model.lines);
            assertThat(witness.settled).isEqualTo(model.settled);
            model.out.clear();
            model.lines.clear();
            lines.all.clear();
            present().forEach(this::compare);
            assertThat(parts.torWorks).isEqualTo(diary.torWorks());
            assertThat(parts.clock.medianSeconds()).isEqualTo(diary.medianOffset());
            locals.forEach(
                    (address, score) ->
                            assertThat(parts.locals.all().get(address))
                                    .isEqualTo(score + diary.seen(address)));
            book.forEach(this::compareEntry);
        }

        /// Pings with the nonce 1. Others speak to settled peers only.
        private List<PeerOutput> ofHandshake(PeerOutput output) {
            if (!(output instanceof PeerOutput.Send(PeerId to, Message message))) {
                return List.of(output);
            }
            if (message instanceof GetHeaders
                    || message instanceof FeeFilter
                    || message instanceof SendHeaders) {
                assertThat(diary.all).anyMatch(each -> each.id.equals(to) && diary.isSettled(each));
                return List.of();
            }
            boolean numbered = message instanceof Ping(OptionalLong nonce) && nonce.isPresent();
            return List.of(numbered ? new PeerOutput.Send(to, Ping.of(1)) : output);
        }

        private void compare(One one) {
            Connection connection = of(one);
            Peer peer = connection.peer;
            VersionMessage theirs = diary.theirs(one);
            assertThat(peer.version()).isEqualTo(theirs);
            assertThat(peer.services()).isEqualTo(theirs == null ? 0 : theirs.services());
            assertThat(peer.commonVersion()).isEqualTo(diary.common(one));
            assertThat(peer.hasBeenReady()).isEqualTo(diary.isSettled(one));
            assertThat(peer.isReady()).isEqualTo(diary.isSettled(one) && !one.dropped);
            assertThat(peer.isDisconnecting()).isEqualTo(one.dropped);
            assertThat(peer.wtxidRelay()).isEqualTo(diary.wtxidRelay(one));
            assertThat(peer.addrV2()).isEqualTo(diary.addrV2(one));
            assertThat(connection.userAgent).isEqualTo(diary.userAgent(one));
            assertThat(connection.addrLocal).isEqualTo(diary.addrLocal(one));
            assertThat(connection.timeOffsetSeconds).isEqualTo(diary.offset(one));
            assertThat(connection.hasWantedServices).isEqualTo(diary.hasWantedServices(one));
            assertThat(connection.relaysTxs).isEqualTo(diary.relaysTxs(one));
            assertThat(connection.reconciliation).isEqualTo(diary.reconciliation(one));
            now();
            assertThat(parts.connections.scoreOf(peer)).isEqualTo(diary.points(one));
        }

        private void compareEntry(NetAddress address, long before) {
            AddrManEntry entry = Check.present(parts.book.find(address), "it stays in the book");
            assertThat(entry.services()).isEqualTo(diary.services(address).orElse(before));
            assertThat(entry.lastSuccessSeconds()).isEqualTo(diary.success(address).orElse(0));
            assertThat(parts.variety.known().find(address) != null)
                    .isEqualTo(diary.success(address).isPresent());
        }
    }

    @Test
    @DisplayName(
            "B15 F13 what the handshake says, hears and learns is as a model with diaries says")
    @Sabotage(type = "weft.p2p.Handshake", method = "expectsServices", returns = "false")
    @Sabotage(type = "weft.p2p.Handshake", method = "isAcceptable", constant = "31800>31799")
    @Sabotage(type = "weft.p2p.Handshake", method = "isOurNonce", call = "isOn", returns = "false")
    @Sabotage(
            type = "weft.p2p.Handshake",
            method = "isOurNonce",
            call = "isReady",
            returns = "false")
    @Sabotage(type = "weft.p2p.Handshake", method = "onVersion", call = "max", returns = "0")
    @Sabotage(type = "weft.p2p.Handshake", method = "onVersion", constant = "70012>70011")
    @Sabotage(type = "weft.p2p.Handshake", method = "negotiate", constant = "70016>70017")
    @Sabotage(
            type = "weft.p2p.Handshake",
            method = "negotiate",
            call = "blocksOnly",
            returns = "false")
    @Sabotage(type = "weft.p2p.Handshake", method = "onWtxidRelay", constant = "70016>70015")
    @Sabotage(type = "weft.p2p.Handshake", method = "mayFeature", constant = "70017>70016")
    @Sabotage(type = "weft.p2p.Handshake", method = "onVerack", call = "forgetReconciliation")
    @Sabotage(
            type = "weft.p2p.Handshake",
            method = "sendVersion",
            call = "isV1Compatible",
            returns = "true")
    @Sabotage(
            type = "weft.p2p.Handshake",
            method = "sendVersion",
            call = "rejectsTxs",
            returns = "false")
    @Sabotage(type = "weft.p2p.Connection", method = "keepForLater", call = "put", returns = "null")
    @Sabotage(
            type = "weft.p2p.Connection",
            method = "keepForLater",
            call = "version",
            returns = "2")
    @Sabotage(type = "weft.p2p.EngineParts", method = "desirableServices", constant = "144>145")
    @Sabotage(
            type = "weft.p2p.EngineParts",
            method = "ourServices",
            call = "has",
            returns = "false")
    void shouldShakeHandsAsTheModel() {
        Property.holds(
                70,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 150; i++) {
                        world.step();
                    }
                });
    }
}
