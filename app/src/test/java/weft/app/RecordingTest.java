package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;

/// Two nodes as processes, one of which is recorded; then the recording, played again.
class RecordingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// Anybody may spend: P2WSH of `OP_TRUE`.
    private static final String TO =
            "bcrt1qft5p2uhsdcdc3l2ua4ap5qqfg4pjaqlp250x7us7a8qqhrxrxfsqseac85";

    @Test
    @DisplayName("N1 a recorded node's decisions are the same again, and damage is found")
    void shouldReplayARealNode(@TempDir Path folder) throws Exception {
        Path file;
        try (RunningNode one =
                        RunningNode.start(
                                folder.resolve("one"),
                                "-record=flight.rec",
                                "-blockfilterindex=1",
                                "-peerblockfilters=1",
                                "-checkaddrman=3");
                RunningNode other = RunningNode.start(folder.resolve("other"))) {
            file = one.networkFolder().resolve("flight.rec");
            talk(one, other);
            one.stop();
        }
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
        WeftProcess.Ended played = WeftProcess.run(folder, "replay", file.toString());
        assertThat(played.exitCode()).as(played.out() + played.err()).isZero();
        assertThat(played.err()).isEmpty();
        assertThat(played.out())
                .contains("Network:     regtest", "BlockConnected", "TxAccepted", "AddNode")
                .containsPattern("\\d{2,} inputs, every decision the same");
        System.out.println(played.out());
        damage(folder, file);
    }

    private static void talk(RunningNode one, RunningNode other) throws Exception {
        one.call("generatetoaddress", 5, TO);
        one.call("addnode", "127.0.0.1:" + other.port, "add");
        RunningNode.await(PATIENCE, () -> one.call("getconnectioncount").asInt() == 1);
        one.call("generatetoaddress", 101, TO);
        RunningNode.await(PATIENCE, () -> other.call("getblockcount").asInt() == 106);
        other.call("generatetoaddress", 3, TO);
        RunningNode.await(PATIENCE, () -> one.call("getblockcount").asInt() == 109);
        spend(other);
        RunningNode.await(PATIENCE, () -> one.call("getrawmempool").size() == 1);
        other.call("generatetoaddress", 1, TO);
        RunningNode.await(PATIENCE, () -> one.call("getblockcount").asInt() == 110);
        one.call("capturemessages", "on");
        one.call("ping");
        one.call("addpeeraddress", "9.8.7.6", 8333, true);
        one.call("addpeeraddress", "9.8.7.6", 8333, true);
        one.call("getnodeaddresses", 0);
        one.call("getrawaddrman");
        one.call("getpeerinfo");
        one.call("getnettotals");
        one.call("getnetworkinfo");
        one.call("getaddednodeinfo");
        one.call("setban", "5.6.7.0/24", "add", 100);
        one.call("listbanned");
        one.call("setban", "5.6.7.0/24", "remove");
        one.call("getaddressbook");
        one.call("capturemessages", "off");
    }

    private static void spend(RunningNode node) {
        String block = node.call("getblockhash", 1).asString();
        Txid coinbase = Txid.parse(node.call("getblock", block).path("tx").get(0).asString());
        String script = node.call("validateaddress", TO).path("scriptPubKey").asString();
        Transaction tx =
                Transaction.of(
                        2,
                        List.of(
                                new TxIn(
                                        new OutPoint(coinbase, 0),
                                        Bytes.EMPTY,
                                        TxIn.SEQUENCE_FINAL)),
                        List.of(new TxOut(4_999_990_000L, Bytes.parse(script))),
                        List.of(new Witness(List.of(Bytes.parse("51")))),
                        0);
        node.call("sendrawtransaction", Bytes.wrap(tx.toByteArray()).toHex());
    }

    private static void damage(Path folder, Path file) throws Exception {
        byte[] all = Files.readAllBytes(file);
        Path copy = folder.resolve("copy.rec");
        Files.write(copy, java.util.Arrays.copyOf(all, all.length * 2 / 3));
        WeftProcess.Ended cut = WeftProcess.run(folder, "replay", "--quiet", copy.toString());
        assertThat(cut.exitCode()).as(cut.err()).isZero();
        assertThat(cut.err())
                .startsWith("Note: the recording is good up to input ")
                .hasLineCount(1);
        assertThat(cut.out()).containsPattern("^\\d+ inputs, every decision the same");
        byte[] changed = all.clone();
        changed[all.length / 2] ^= 1;
        Files.write(copy, changed);
        WeftProcess.Ended hurt = WeftProcess.run(folder, "replay", "--quiet", copy.toString());
        assertThat(hurt.exitCode()).isEqualTo(1);
        assertThat(hurt.err())
                .startsWith("Error: the recording is good up to input ")
                .hasLineCount(1);
        Files.writeString(copy, "something else");
        for (List<String> wrong :
                List.of(
                        List.of("replay", copy.toString()),
                        List.of("replay", folder.resolve("nowhere").toString()),
                        List.of("replay"))) {
            WeftProcess.Ended ended = WeftProcess.run(folder, wrong.toArray(String[]::new));
            assertThat(ended.exitCode()).as("%s", wrong).isEqualTo(1);
            assertThat(ended.err()).as("%s", wrong).startsWith("Error: ").hasLineCount(1);
        }
    }
}
