package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.app.attack.SlowScript;
import weft.app.attack.SlowSpend;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;

/// Blocks of row C02, given to Bitcoin Core and to us on one machine; `-Dweft.bitcoind=PATH` says where Core
/// is, `-Dweft.times=N` gives each N times as many.
@Timeout(600)
class CoreSlowBlockTest {
    private static final int MATURE = 130;
    private static final int BLOCKS = 4 * Integer.getInteger("weft.times", 1);

    @TempDir private Path temp;

    @BeforeEach
    void needsCore() {
        CoreNode.assumeThere();
    }

    private static Block block(CoreNode core, int height) {
        String hash = core.call("getblockhash", height).asString();
        String hex = core.call("getblock", hash, 0).asString();
        return Block.read(ByteReader.of(Bytes.parse(hex).toByteArray()));
    }

    private interface Rpc {
        JsonNode call(String method, Object... params);
    }

    /// @return how long it took
    private static Duration submit(Rpc node, Block block) {
        String hex = Bytes.wrap(block.toByteArray()).toHex();
        long start = System.nanoTime();
        JsonNode refused = node.call("submitblock", hex);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(refused.isNull()).as(refused.toString()).isTrue();
        assertThat(node.call("getbestblockhash").asString()).isEqualTo(block.hash().toString());
        return took;
    }

    private static Duration best(List<Duration> all) {
        return all.stream().min(Duration::compareTo).orElseThrow();
    }

    private interface Maker {
        List<Block> blocks(BlockHeader parent, int height, OutPoint coin);
    }

    /// Gives both nodes the same slow blocks in turn.
    private void compare(String name, Maker maker) throws IOException, InterruptedException {
        var core = new ArrayList<Duration>();
        var weft = new ArrayList<Duration>();
        try (CoreNode first = new CoreNode(temp.resolve("core"), "-connect=0");
                RunningNode second = RunningNode.startFast(temp.resolve("weft"), "-connect=0")) {
            first.call("generatetodescriptor", MATURE, "raw(51)#8lvh9jxk");
            for (int height = 1; height <= MATURE; height++) {
                submit(second::call, block(first, height));
            }
            BlockHeader tip = block(first, MATURE).header();
            for (int i = 0; i < BLOCKS; i++) {
                Txid txid = block(first, i + 1).transactions().getFirst().txid();
                var coin = new OutPoint(txid, 0);
                List<Block> two = maker.blocks(tip, MATURE + 1 + 2 * i, coin);
                submit(first::call, two.getFirst());
                submit(second::call, two.getFirst());
                core.add(submit(first::call, two.getLast()));
                weft.add(submit(second::call, two.getLast()));
                tip = two.getLast().header();
            }
        }
        System.out.println(name + ", milliseconds of Bitcoin Core " + millis(core));
        System.out.println(name + ", milliseconds of weft         " + millis(weft));
        assertThat(best(weft)).isLessThan(best(core).multipliedBy(2));
    }

    private static List<Long> millis(List<Duration> all) {
        return all.stream().map(Duration::toMillis).toList();
    }

    @Test
    @DisplayName("Blocks of one megabyte that is hashed 5,500 times: Bitcoin Core's time twice")
    void shouldHashSignaturesInTwiceTheTimeOfCore() throws IOException, InterruptedException {
        compare(
                "C02 signatures",
                (parent, height, coin) ->
                        SlowSpend.blocks(parent, height, coin, SlowSpend.INPUTS_FULL));
    }

    @Test
    @DisplayName("Blocks of scripts that hash all the time: Bitcoin Core's time twice")
    void shouldRunScriptsInTwiceTheTimeOfCore() throws IOException, InterruptedException {
        compare("C02 scripts", SlowScript::blocks);
    }
}
