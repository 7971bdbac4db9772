package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import weft.chain.store.Batch;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.Coin;
import weft.crypto.SipHash;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.testkit.Property;
import weft.testkit.Vectors;

class CoinCodecTest {
    private static final String GENERATOR_KEY =
            "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
                    + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "1,1",
        "1000000,7",
        "100000000,9",
        "5000000000,50",
        "2100000000000000,21000000"
    })
    void shouldCompressAmountsAsCore(long satoshis, long form) {
        assertThat(CoinCodec.compressAmount(satoshis)).isEqualTo(form);
        assertThat(CoinCodec.decompressAmount(form)).isEqualTo(satoshis);
    }

    @Test
    void shouldRestoreEveryAmount() {
        Property.holds(
                2_000,
                random -> {
                    long satoshis = random.nextLong(2_100_000_000_000_001L);
                    assertThat(CoinCodec.decompressAmount(CoinCodec.compressAmount(satoshis)))
                            .isEqualTo(satoshis);
                });
    }

    @ParameterizedTest
    @CsvSource({
        "0,00",
        "127,7f",
        "128,8000",
        "255,807f",
        "256,8100",
        "16383,fe7f",
        "16384,ff00",
        "65535,82fe7f",
        "4294967295,8efefefe7f"
    })
    void shouldWriteVarIntsAsCore(long value, String hex) {
        var out = new ByteWriter();
        VarInt.write(out, value);
        assertThat(out.toBytes().toHex()).isEqualTo(hex);
        assertThat(VarInt.read(ByteReader.of(Bytes.parse(hex).toByteArray()))).isEqualTo(value);
    }

    @Test
    void shouldKeepAnUncompressedKeyInThirtyThreeBytes() {
        TxOut out = new TxOut(5_000_000_000L, Bytes.parse("41" + GENERATOR_KEY + "ac"));
        var writer = new ByteWriter();
        CoinCodec.writeTxOut(writer, out);
        assertThat(writer.toBytes().toHex())
                .isEqualTo("32" + "04" + GENERATOR_KEY.substring(2, 66));
        assertThat(CoinCodec.readTxOut(ByteReader.of(writer.toByteArray()))).isEqualTo(out);
    }

    @Test
    void shouldKeepAKeyThatIsNoPointAsItIs() {
        String broken = GENERATOR_KEY.substring(0, 128) + "b9";
        TxOut out = new TxOut(1, Bytes.parse("41" + broken + "ac"));
        var writer = new ByteWriter();
        CoinCodec.writeTxOut(writer, out);
        assertThat(writer.size()).isEqualTo(1 + 1 + 67);
        assertThat(CoinCodec.readTxOut(ByteReader.of(writer.toByteArray()))).isEqualTo(out);
    }

    @Test
    void shouldRestoreUndoData() {
        Property.holds(
                200,
                random -> {
                    var txs = new ArrayList<BlockUndo.TxUndo>();
                    for (int i = random.nextInt(4); i >= 0; i--) {
                        var coins = new ArrayList<Coin>();
                        for (int j = random.nextInt(4); j >= 0; j--) {
                            coins.add(randomCoin(random));
                        }
                        txs.add(new BlockUndo.TxUndo(coins));
                    }
                    var undo = new BlockUndo(txs);
                    assertThat(BlockUndo.read(undo.toBytes())).isEqualTo(undo);
                });
    }

    private static Coin randomCoin(SplittableRandom random) {
        Bytes script =
                switch (random.nextInt(4)) {
                    case 0 -> Bytes.parse("76a914" + "ab".repeat(20) + "88ac");
                    case 1 -> Bytes.parse("a914" + "cd".repeat(20) + "87");
                    case 2 -> Bytes.parse("41" + GENERATOR_KEY + "ac");
                    default -> Bytes.wrap(Property.bytes(random, random.nextInt(60)));
                };
        var out = new TxOut(random.nextLong(2_100_000_000_000_001L), script);
        return new Coin(out, 1 + random.nextInt(900_000), random.nextBoolean());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mainnet_4312", "testnet3_4000"})
    void shouldHashASnapshotOfCoreAsCoreDoes(String name) {
        ByteReader in = ByteReader.of(Vectors.bytes("chain/snapshots/" + name + ".utxo"));
        in.skip(5 + 2 + 4);
        BlockHash base = BlockHash.read(in);
        long count = in.i64();
        var coins = new CoinTable(new SipHash(0, 0));
        while (count > 0) {
            Txid txid = Txid.read(in);
            int outputs = in.compactSize();
            for (int i = 0; i < outputs; i++, count--) {
                var outPoint = new OutPoint(txid, in.compactSize());
                coins.insert(
                        outPoint, coins.hash(outPoint), CoinCodec.readCoin(in), CoinTable.DIRTY);
            }
        }
        in.expectEnd();
        var database = new MemoryKeyValueStore();
        var store = new CoinsStore(database);
        var batch = new Batch();
        store.stage(coins, base, batch);
        database.write(batch);
        CoinsSummary summary = CoinsSummary.of(store);
        JsonNode expected = expected(name);
        assertThat(summary.hashSerialized().toHex())
                .isEqualTo(expected.get("hash_serialized_3").asString());
        assertThat(summary.outputs()).isEqualTo(expected.get("txouts").asLong());
        assertThat(summary.transactions()).isEqualTo(expected.get("transactions").asLong());
        assertThat(summary.bogoSize()).isEqualTo(expected.get("bogosize").asLong());
        assertThat(store.tip()).isEqualTo(base);
    }

    private static JsonNode expected(String snapshot) {
        JsonNode all = Vectors.json("chain/blockruns/expected.json");
        return all.get(snapshot.replace("_", "_0000_"));
    }
}
