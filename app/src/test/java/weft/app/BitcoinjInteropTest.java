package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.bitcoinj.base.BitcoinNetwork;
import org.bitcoinj.core.Block;
import org.bitcoinj.core.BlockChain;
import org.bitcoinj.core.NetworkParameters;
import org.bitcoinj.core.Peer;
import org.bitcoinj.core.PeerAddress;
import org.bitcoinj.core.PeerGroup;
import org.bitcoinj.store.MemoryBlockStore;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A client that nobody here wrote: bitcoinj connects over TCP and downloads what we mined.
class BitcoinjInteropTest {
    private static final int BLOCKS = 150;
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    @Test
    @Timeout(60)
    @DisplayName("S-06 S-51 bitcoinj downloads 150 headers and blocks from us")
    void shouldServeBitcoinj(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder)) {
            node.call("generatetoaddress", BLOCKS, ADDRESS);
            NetworkParameters params = NetworkParameters.of(BitcoinNetwork.REGTEST);
            var store = new MemoryBlockStore(params.getGenesisBlock());
            var chain = new BlockChain(BitcoinNetwork.REGTEST, store);
            var group = new PeerGroup(BitcoinNetwork.REGTEST, chain);
            var blocks = new CopyOnWriteArrayList<Block>();
            group.addBlocksDownloadedEventListener(
                    (peer, block, filtered, left) -> blocks.add(block));
            group.addAddress(PeerAddress.simple(InetAddress.getLoopbackAddress(), node.port));
            group.start();
            try {
                group.downloadBlockChain();
                assertThat(chain.getBestChainHeight()).isEqualTo(BLOCKS);
                assertThat(chain.getChainHead().getHeader().getHashAsString())
                        .isEqualTo(node.call("getbestblockhash").asString());
                Peer peer = group.getConnectedPeers().getFirst();
                Block tip =
                        peer.getBlock(chain.getChainHead().getHeader().getHash())
                                .get(20, TimeUnit.SECONDS);
                assertThat(tip.getTransactions()).hasSize(1);
            } finally {
                group.stop();
            }
        }
    }
}
