package weft.server.rpc;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.api.HeaderNode;
import weft.chain.index.FollowedBlock;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.Subsidy;
import weft.consensus.script.Script;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteWriter;
import weft.server.json.Json;

/// Sums over a block's transactions. Fee rates are in satoshis a virtual byte.
final class BlockStats {
    private static final int COIN_OVERHEAD_BYTES = 41;
    private static final int AMOUNT_BYTES = 8;
    private static final int WITNESS_SCALE = 4;

    /// Tenths and quarters of a block's weight, in hundredths.
    private static final int[] PERCENTILES = {10, 25, 50, 75, 90};

    private final FollowedBlock block;
    private final ChainParams params;
    private final List<Long> fees = new ArrayList<>();
    private final List<Long> sizes = new ArrayList<>();
    private final List<Rate> rates = new ArrayList<>();
    private long outputs;
    private long inputs;
    private long coinsMade;
    private long totalOut;
    private long totalSize;
    private long totalWeight;
    private long witnessCount;
    private long witnessSize;
    private long witnessWeight;
    private long sizeGrowth;
    private long realGrowth;

    /// What a transaction pays, and its weight.
    private record Rate(long satoshisPerByte, long weight) {}

    BlockStats(FollowedBlock block, ChainParams params) {
        this.block = block;
        this.params = params;
        List<Transaction> transactions = block.block().transactions();
        for (int i = 0; i < transactions.size(); i++) {
            long out = outputs(transactions.get(i), i == 0);
            if (i > 0) {
                count(transactions.get(i), out, block.undo().transactions().get(i - 1).coins());
            }
        }
    }

    private static long bytes(TxOut out) {
        int script = out.scriptPubKey().length();
        return (long) COIN_OVERHEAD_BYTES
                + AMOUNT_BYTES
                + ByteWriter.compactSizeBytes(script)
                + script;
    }

    /// @return the sum of the outputs
    private long outputs(Transaction tx, boolean isCoinbase) {
        boolean makesCoins = block.height() > 0 && !(isCoinbase && isRepeat());
        long sum = 0;
        outputs += tx.outputs().size();
        for (TxOut out : tx.outputs()) {
            sum += out.value();
            sizeGrowth += bytes(out);
            if (makesCoins && !Script.isUnspendable(out.scriptPubKey())) {
                coinsMade++;
                realGrowth += bytes(out);
            }
        }
        return sum;
    }

    /// Whether the coinbase only replaces coins that were there.
    private boolean isRepeat() {
        return block.node().hash().equals(params.exceptions().bip30Repeats().get(block.height()));
    }

    private void count(Transaction tx, long out, List<Coin> spent) {
        inputs += tx.inputs().size();
        totalOut += out;
        long size = tx.totalSize();
        long weight = tx.weight();
        sizes.add(size);
        totalSize += size;
        totalWeight += weight;
        if (tx.hasWitness()) {
            witnessCount++;
            witnessSize += size;
            witnessWeight += weight;
        }
        long in = 0;
        for (Coin coin : spent) {
            in += coin.out().value();
            sizeGrowth -= bytes(coin.out());
            realGrowth -= bytes(coin.out());
        }
        long fee = in - out;
        fees.add(fee);
        rates.add(new Rate(fee * WITNESS_SCALE / weight, weight));
    }

    private static long median(List<Long> values) {
        if (values.isEmpty()) {
            return 0;
        }
        List<Long> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 0
                ? (sorted.get(middle - 1) + sorted.get(middle)) / 2
                : sorted.get(middle);
    }

    private static long sum(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).sum();
    }

    private static long most(List<Long> values) {
        return values.isEmpty() ? 0 : Collections.max(values);
    }

    private static long least(List<Long> values) {
        return values.isEmpty() ? 0 : Collections.min(values);
    }

    /// The rates below which 10, 25, 50, 75 and 90 hundredths of the weight lie.
    private ArrayNode percentiles() {
        rates.sort(Comparator.comparingLong(Rate::satoshisPerByte).thenComparingLong(Rate::weight));
        ArrayNode list = Json.array();
        long weight = 0;
        int next = 0;
        for (Rate rate : rates) {
            weight += rate.weight;
            while (next < PERCENTILES.length && weight * 100 >= totalWeight * PERCENTILES[next]) {
                list.add(rate.satoshisPerByte);
                next++;
            }
        }
        for (; next < PERCENTILES.length; next++) {
            list.add(rates.isEmpty() ? 0 : rates.getLast().satoshisPerByte);
        }
        return list;
    }

    /// All figures by name.
    ObjectNode json() {
        HeaderNode at = block.node();
        int count = block.block().transactions().size();
        long others = Math.max(1, count - 1L);
        List<Long> perByte = rates.stream().map(Rate::satoshisPerByte).toList();
        ObjectNode json = Json.object();
        json.put("avgfee", sum(fees) / others);
        json.put("avgfeerate", totalWeight == 0 ? 0 : sum(fees) * WITNESS_SCALE / totalWeight);
        json.put("avgtxsize", totalSize / others);
        json.put("blockhash", at.hash().toString());
        json.set("feerate_percentiles", percentiles());
        json.put("height", at.height());
        json.put("ins", inputs);
        json.put("maxfee", most(fees)).put("maxfeerate", most(perByte));
        json.put("maxtxsize", most(sizes));
        json.put("medianfee", median(fees));
        json.put("mediantime", at.medianTimePast());
        json.put("mediantxsize", median(sizes));
        json.put("minfee", least(fees)).put("minfeerate", least(perByte));
        json.put("mintxsize", least(sizes));
        json.put("outs", outputs);
        json.put("subsidy", Subsidy.at(at.height(), params));
        json.put("swtotal_size", witnessSize).put("swtotal_weight", witnessWeight);
        json.put("swtxs", witnessCount);
        json.put("time", at.time());
        json.put("total_out", totalOut);
        json.put("total_size", totalSize).put("total_weight", totalWeight);
        json.put("totalfee", sum(fees));
        json.put("txs", count);
        json.put("utxo_increase", outputs - inputs).put("utxo_size_inc", sizeGrowth);
        json.put("utxo_increase_actual", coinsMade - inputs);
        return json.put("utxo_size_inc_actual", realGrowth);
    }
}
