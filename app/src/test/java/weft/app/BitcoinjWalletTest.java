package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.bitcoinj.base.BitcoinNetwork;
import org.bitcoinj.base.Coin;
import org.bitcoinj.base.ScriptType;
import org.bitcoinj.core.BlockChain;
import org.bitcoinj.core.NetworkParameters;
import org.bitcoinj.core.Peer;
import org.bitcoinj.core.PeerAddress;
import org.bitcoinj.core.PeerGroup;
import org.bitcoinj.core.Services;
import org.bitcoinj.core.Transaction;
import org.bitcoinj.core.listeners.DownloadProgressTracker;
import org.bitcoinj.script.ScriptBuilder;
import org.bitcoinj.store.MemoryBlockStore;
import org.bitcoinj.wallet.Wallet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A wallet that nobody here wrote: bitcoinj keeps the money of one key with a bloom filter (BIP37, BIP111).
@Timeout(90)
class BitcoinjWalletTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private static final Duration SOON = Duration.ofSeconds(60);

    /// A light wallet and its only peer.
    private record LightWallet(Wallet wallet, BlockChain chain, PeerGroup group)
            implements AutoCloseable {
        static LightWallet dialling(RunningNode node) throws Exception {
            NetworkParameters params = NetworkParameters.of(BitcoinNetwork.REGTEST);
            Wallet wallet = Wallet.createDeterministic(BitcoinNetwork.REGTEST, ScriptType.P2WPKH);
            // Ours says that it may be replaced, which this wallet else waits out.
            wallet.setAcceptRiskyTransactions(true);
            var store = new MemoryBlockStore(params.getGenesisBlock());
            var chain = new BlockChain(BitcoinNetwork.REGTEST, wallet, store);
            var group = new PeerGroup(BitcoinNetwork.REGTEST, chain);
            group.addWallet(wallet);
            group.setMinBroadcastConnections(1);
            group.addAddress(PeerAddress.simple(InetAddress.getLoopbackAddress(), node.port));
            return new LightWallet(wallet, chain, group);
        }

        Coin estimated() {
            return wallet.getBalance(Wallet.BalanceType.ESTIMATED);
        }

        @Override
        public void close() {
            group.stop();
        }
    }

    @Test
    @DisplayName("S-126 bitcoinj's light wallet receives and spends through our bloom filters")
    void shouldServeLightWalletThroughBloomFilters(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder, "-peerbloomfilters=1");
                LightWallet light = LightWallet.dialling(node)) {
            String coinbase = OpenCoins.mine(node);
            light.group().start();
            light.group().startBlockChainDownload(new DownloadProgressTracker());
            RunningNode.await(SOON, () -> light.chain().getBestChainHeight() == 101);
            assertThat(light.estimated()).isEqualTo(Coin.ZERO);

            // Money comes: first unconfirmed, through the filter, then in a block.
            Coin gift = Coin.valueOf(OpenCoins.REWARD - OpenCoins.FEE);
            byte[] script =
                    ScriptBuilder.createOutputScript(light.wallet().freshReceiveAddress())
                            .program();
            String received =
                    node.call(
                                    "sendrawtransaction",
                                    OpenCoins.spend(coinbase, HexFormat.of().formatHex(script)))
                            .asString();
            RunningNode.await(SOON, () -> light.estimated().equals(gift));
            assertThat(light.wallet().getBalance()).as("not yet to spend").isEqualTo(Coin.ZERO);
            node.call("generatetoaddress", 1, ADDRESS);
            RunningNode.await(SOON, () -> light.wallet().getBalance().equals(gift));

            // What was asked and what was sent: filtered blocks only.
            JsonNode peer = node.call("getpeerinfo").get(0);
            assertThat(peer.get("subver").asString()).startsWith("/bitcoinj:0.17.1/");
            assertThat(peer.get("bytesrecv_per_msg").has("filterload")).isTrue();
            assertThat(peer.get("bytessent_per_msg").has("merkleblock")).isTrue();
            assertThat(peer.get("bytessent_per_msg").has("block")).isFalse();

            // Money goes. After a broadcast to its only peer, bitcoinj hangs up and dials again.
            Wallet.SendResult sent =
                    light.wallet()
                            .sendCoins(
                                    light.group(),
                                    light.wallet().parseAddress(ADDRESS),
                                    Coin.COIN.multiply(10));
            Transaction spending = sent.transaction();
            String txid = spending.getTxId().toString();
            RunningNode.await(SOON, () -> node.call("getrawmempool").toString().contains(txid));
            String block = node.call("generatetoaddress", 1, ADDRESS).get(0).asString();
            light.wallet().waitForConfirmations(spending, 1).get(30, TimeUnit.SECONDS);
            assertThat(light.wallet().getBalance())
                    .isEqualTo(gift.minus(Coin.COIN.multiply(10)).minus(spending.getFee()));
            assertThat(node.call("getblock", block).get("tx").toString()).contains(txid);
            assertThat(light.wallet().getTransactions(true))
                    .extracting(each -> each.getTxId().toString())
                    .containsExactlyInAnyOrder(received, txid);
        }
    }

    @Test
    @DisplayName("bitcoinj's light wallet leaves a node of ours that offers no bloom filters")
    void shouldNotServeLightWalletUnlessAskedTo(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder);
                LightWallet light = LightWallet.dialling(node)) {
            node.call("generatetoaddress", 5, ADDRESS);
            var lost = new CopyOnWriteArrayList<Peer>();
            light.group().addDisconnectedEventListener((peer, left) -> lost.add(peer));
            light.group().start();
            light.group().startBlockChainDownload(new DownloadProgressTracker());
            RunningNode.await(SOON, () -> !lost.isEmpty());
            Services offered = lost.getFirst().getPeerVersionMessage().services();
            assertThat(offered.has(Services.NODE_NETWORK)).isTrue();
            assertThat(offered.has(Services.NODE_BLOOM)).isFalse();
            assertThat(light.chain().getBestChainHeight()).isZero();
        }
    }
}
