package weft.app.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.app.attack.WirePeer.Fate;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.BlockLocator;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.GetBlockTxn;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;
import weft.wire.Verack;
import weft.wire.transport.Frame;

/// Bytes that are no messages, and messages out of turn, against a whole node.
class WireTcpAttackTest implements SeenRed {
    private static final List<String> COMMANDS =
            List.of(
                    ("addr addrv2 block blocktxn cfcheckpt cfheaders cfilter cmpctblock feefilter"
                                    + " getaddr getblocks getblocktxn getcfcheckpt getcfheaders"
                                    + " getcfilters getdata getheaders headers inv mempool"
                                    + " merkleblock notfound ping pong sendcmpct sendheaders tx"
                                    + " filterload filteradd filterclear verack wtxidrelay"
                                    + " sendaddrv2 sendtxrcncl alert reject dandeliontx")
                            .split(" ", -1));

    /// The one among the high short ids that means something, and not after the handshake.
    private static final int FEATURE_ID = 37;

    @Test
    @DisplayName("B15 F13 every message before the first, again and again, and what is too late")
    @Sabotage(type = "weft.p2p.Peer", method = "isReady", returns = "true")
    void shouldSayNothingBeforeItKnowsWhom() throws Exception {
        Seal.around(
                seal -> {
                    WirePeer attacker = seal.stranger();
                    for (String each : COMMANDS) {
                        attacker.send(each, new byte[0]);
                        attacker.send(each, new byte[40]);
                    }
                    attacker.send(new Ping(OptionalLong.of(1)));
                    attacker.send(WirePeer.version());
                    long deadline = System.nanoTime() + WirePeer.PATIENCE.toNanos();
                    var heard = new ArrayList<String>();
                    while (!heard.contains("verack")) {
                        Frame next = attacker.next(deadline);
                        if (next == null) {
                            throw new AssertionError("nothing after " + heard);
                        }
                        heard.add(next.command());
                    }
                    assertThat(heard.getFirst()).isEqualTo("version");
                    assertThat(heard).isSubsetOf("version", "wtxidrelay", "sendaddrv2", "verack");
                    attacker.send("getheaders", new byte[40]);
                    attacker.send(WirePeer.version());
                    for (int i = 0; i < 100; i++) {
                        attacker.send(new Verack());
                    }
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    attacker.send("wtxidrelay", new byte[0]);
                    assertThat(attacker.fate()).isEqualTo(Fate.DROPPED);
                    WirePeer other = seal.attacker();
                    other.send("sendaddrv2", new byte[0]);
                    assertThat(other.fate()).isEqualTo(Fate.DROPPED);
                },
                // Else what does not begin with a version is taken for a key.
                "-v2transport=0");
    }

    @Test
    @DisplayName("D01 messages that say they have 4,000,001 bytes and more, plain and encrypted")
    @Sabotage(
            type = "weft.wire.transport.V1Transport",
            method = "readHeader",
            constant = "4000000>2147483647")
    void shouldEndOnALengthAboveTheLimit() throws Exception {
        Seal.around(
                seal -> {
                    for (long length : new long[] {4_000_001, 1 << 25, 1L << 31, 0xffff_ffffL}) {
                        WirePeer attacker = seal.attacker();
                        attacker.sendBytes(WirePeer.frame("block", length, new byte[10]));
                        assertThat(attacker.isHungUpOn()).isTrue();
                    }
                    EncryptedPeer other = encrypted(seal);
                    byte[] packet = other.sealed(new byte[4_000_014]);
                    other.sendBytes(Arrays.copyOf(packet, 1_000));
                    assertThat(other.isHungUpOn()).isTrue();
                });
    }

    private static EncryptedPeer encrypted(Seal seal) throws Exception {
        EncryptedPeer peer = seal.attacker(EncryptedPeer.dial(seal.node().port()));
        peer.agree(new byte[0]).handshake();
        return peer;
    }

    @Test
    @DisplayName("B08 encrypted packets shorter than their type, of no type, and of odd types")
    @Sabotage(type = "weft.wire.transport.V2Commands", method = "frame", constant = "13>0")
    void shouldDropPacketsWithoutACommand() throws Exception {
        Seal.around(
                seal -> {
                    EncryptedPeer attacker = encrypted(seal);
                    for (int length = 0; length <= 12; length++) {
                        attacker.sendPacket(new byte[length], false);
                    }
                    for (int id = 29; id < 256; id++) {
                        if (id != FEATURE_ID) {
                            attacker.sendPacket(new byte[] {(byte) id, 1, 2, 3}, false);
                        }
                    }
                    for (String type : List.of("\u0001ping", "ping\u0000ping", "\u00ffping")) {
                        byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
                        byte[] contents = new byte[21];
                        System.arraycopy(name, 0, contents, 1, name.length);
                        attacker.sendPacket(contents, false);
                    }
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                });
    }

    @Test
    @DisplayName("C15 20,000 decoys, as much garbage as is allowed, and a byte more")
    @Sabotage(
            type = "weft.wire.transport.V2Transport",
            method = "onGarbageByte",
            constant = "4095>5000")
    void shouldEndOnTooMuchGarbage() throws Exception {
        Seal.around(
                seal -> {
                    EncryptedPeer attacker = seal.attacker(EncryptedPeer.dial(seal.node().port()));
                    attacker.agree(new byte[4_095]).handshake();
                    for (int i = 0; i < 20_000; i++) {
                        attacker.sendPacket(new byte[i % 3], true);
                    }
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    EncryptedPeer garbage = seal.attacker(EncryptedPeer.dial(seal.node().port()));
                    garbage.sendKey(new byte[4_096 + 16]);
                    assertThat(garbage.isHungUpOn()).isTrue();
                });
    }

    @Test
    @DisplayName("B09 D14 messages cut off at every byte, and counts that nothing can hold")
    @Sabotage(
            type = "weft.p2p.PeerEngine",
            method = "onMalformed",
            call = "equals",
            returns = "true")
    void shouldDropMessagesThatEndTooSoon() throws Exception {
        Seal.around(
                seal -> {
                    WirePeer attacker = seal.attacker();
                    for (Message each : samples(seal)) {
                        byte[] whole = MessageCodec.encode(each).toByteArray();
                        for (int length = 0; length < whole.length; length++) {
                            attacker.send(each.command(), Arrays.copyOf(whole, length));
                        }
                    }
                    List<String> counts =
                            List.of(
                                    "fdffff",
                                    "fe00000100",
                                    "fe00000002",
                                    "feffffff7f",
                                    "ff0000000001000000",
                                    "ff0000000000000080",
                                    "ffffffffffffffffff");
                    for (String command : COMMANDS) {
                        for (String count : counts) {
                            if (!command.startsWith("filter") && !hasAnOffence(command)) {
                                byte[] payload = Bytes.parse(count + "00".repeat(10)).toByteArray();
                                attacker.send(command, payload);
                            }
                        }
                    }
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                });
    }

    private static boolean hasAnOffence(String command) {
        return List.of("tx", "mempool", "wtxidrelay", "sendaddrv2", "sendtxrcncl").contains(command)
                || command.startsWith("getcf");
    }

    private static List<Message> samples(Seal seal) {
        Block block =
                seal.ledger()
                        .next(List.of(Ledger.spend(seal.ledger().coin(1), Ledger.COIN, 0, 0, 0)));
        var address = NetAddress.ofIp(new byte[] {9, 8, 7, 6}, 8_333);
        return List.of(
                new AddrV2(List.of(new AddressEntry(1_700_000_000, 9, address))),
                BlockMessage.of(block),
                TxMessage.of(block.transactions().getLast()),
                new BlockTxn(block.hash(), block.transactions()),
                new GetBlockTxn(block.hash(), List.of(1, 2)),
                new Headers(List.of(block.header())),
                new Inv(List.of(InvItem.block(block.hash()))),
                new GetHeaders(
                        BlockLocator.of(List.of(block.header().parent())), block.header().parent()),
                WirePeer.version());
    }

    @Test
    @DisplayName("B07 addresses of all networks and lengths, and times that are none")
    @Sabotage(type = "weft.wire.NetAddress", method = "readV2Known", flips = 1)
    void shouldSkipAddressesOfUnknownNetworks() throws Exception {
        Seal.around(
                seal -> {
                    WirePeer attacker = seal.attacker();
                    for (int network = 0; network < 256; network++) {
                        for (int length : new int[] {0, 1, 4, 10, 16, 32, 512, 513}) {
                            var out = new ByteWriter();
                            out.compactSize(1).u32(0xffff_ffffL).compactSize(-1L);
                            out.u8(network).compactSize(length).bytes(new byte[length]);
                            attacker.send("addrv2", out.u16BigEndian(0).toByteArray());
                        }
                    }
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                });
    }

    @Test
    @DisplayName("D11 D16 fifty thousand addresses of ten peers that nobody asked for any")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay",
            method = "onAddr",
            call = "isLaboratory",
            returns = "true")
    void shouldHearFewAddresses() throws Exception {
        Seal.around(
                seal -> {
                    long now = System.currentTimeMillis() / 1_000;
                    long services = ServiceFlags.NETWORK | ServiceFlags.WITNESS;
                    for (int i = 0; i < 10; i++) {
                        WirePeer attacker = seal.attacker();
                        for (int message = 0; message < 5; message++) {
                            var entries = new ArrayList<AddressEntry>();
                            for (int at = 0; at < AddressEntry.MAX_PER_MESSAGE; at++) {
                                byte[] ip = {
                                    (byte) (20 + i), (byte) (at >> 5), (byte) at, (byte) message
                                };
                                entries.add(
                                        new AddressEntry(
                                                now, services, NetAddress.ofIp(ip, 8_333)));
                            }
                            attacker.send(new AddrV2(entries));
                        }
                        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    }
                    // One each to begin with, and one more every ten seconds.
                    assertThat(seal.node().call("getnodeaddresses", 0)).hasSizeLessThan(100);
                });
    }

    @Test
    @DisplayName("C07 ten thousand alerts, and messages of as many other kinds")
    @Sabotage(type = "weft.p2p.KnownCommands", method = "placeOf", constant = "1>0")
    void shouldIgnoreAlerts() throws Exception {
        Seal.around(
                seal -> {
                    WirePeer attacker = seal.attacker();
                    for (int i = 0; i < 10_000; i++) {
                        attacker.send(i % 2 == 0 ? "alert" : "alert" + i, new byte[i % 200]);
                    }
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    for (JsonNode each : seal.node().call("getpeerinfo")) {
                        JsonNode counts = each.get("bytesrecv_per_msg");
                        assertThat(counts.size()).isLessThan(COMMANDS.size() + 3);
                        assertThat(counts.has("alert")).isFalse();
                    }
                });
    }
}
