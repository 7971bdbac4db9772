package weft.app.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import weft.app.compare.Tally.Counts;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.Txid;

/// Where cases play: the judges, the world as it must be, and what they said so far.
final class Stage {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int KEYS = 60;
    private static final int QUESTIONS_BETWEEN_LOOKS = 40;

    final SplittableRandom random;
    final Keys keys;
    final Locks locks;
    final World world;
    final Tally tally = new Tally();
    private final Names names = new Names();
    private final List<Judge> judges;
    private String kind = "chain";
    private int unseen;

    /// @param judges the last one is the reference
    Stage(long seed, List<Judge> judges) {
        this.random = new SplittableRandom(seed);
        this.judges = List.copyOf(judges);
        this.keys = new Keys(random.split(), KEYS);
        this.locks = new Locks(keys, random.split());
        this.world = new World(random.split());
    }

    /// What follows belongs to a class.
    void begin(String name) {
        kind = name;
    }

    /// Asks all.
    ///
    /// @return what the reference answers
    String ask(String method, Object... params) {
        var question = new Question(method, Arrays.asList(params));
        try {
            var answers = new ArrayList<String>();
            for (Judge judge : judges) {
                answers.add(judge.answer(question, names));
            }
            String reference = answers.getLast();
            tally.of(kind).questions++;
            for (int i = 0; i < answers.size() - 1; i++) {
                String answer = answers.get(i);
                if (!answer.equals(reference)) {
                    tally.add(
                            new Tally.Difference(
                                    kind,
                                    question,
                                    judges.get(i).name(),
                                    answer,
                                    reference,
                                    Accepted.reason(question, answer, reference)));
                }
            }
            return reference;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Draft draft() {
        return new Draft(keys);
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    /// What most transactions pay: 1 to 20 satoshis a virtual byte.
    long anyRate() {
        return 1_000L + random.nextInt(19_000);
    }

    private static String hex(Transaction tx) {
        return Bytes.wrap(tx.toByteArray()).toHex();
    }

    /// Signs a transaction and makes it known.
    Transaction sign(Draft draft) {
        Transaction tx = draft.sign();
        names.add(tx);
        world.register(tx, draft.coins(tx, -1));
        return tx;
    }

    /// A transaction exists whose outputs are nobody's.
    void know(Transaction tx) {
        names.add(tx);
        world.register(tx, List.of());
    }

    /// A transaction exists whose id another has too.
    void tellNames(Transaction tx) {
        names.add(tx);
    }

    /// Asks about a transaction, then hands it in.
    ///
    /// @return whether it is in the mempool now
    boolean judge(Draft draft) {
        return judge(sign(draft));
    }

    boolean judge(Transaction tx) {
        tally.of(kind).transactions++;
        ask("testmempoolaccept", List.of(hex(tx)), 0);
        return send(tx, 0, 1_000);
    }

    /// Hands a transaction in.
    ///
    /// @param more further parameters of `sendrawtransaction`
    boolean send(Transaction tx, Object... more) {
        var params = new ArrayList<Object>(List.of(hex(tx)));
        params.addAll(List.of(more));
        String answer = ask("sendrawtransaction", params.toArray());
        boolean isIn = !answer.startsWith("error");
        count(isIn, answer);
        if (isIn && !world.isInPool(tx.txid())) {
            world.accepted(tx);
        }
        look();
        return isIn;
    }

    private void count(boolean isIn, String answer) {
        Counts counts = tally.of(kind);
        if (isIn) {
            counts.accepted++;
        } else {
            counts.refused++;
            String reason = answer.replaceFirst("^error -?\\d+ ", "");
            int detail = reason.indexOf(", ");
            counts.reasons.merge(
                    detail < 0 ? reason : reason.substring(0, detail), 1, Integer::sum);
        }
    }

    /// Hands several transactions in together.
    ///
    /// @return whether all are in the mempool now
    boolean judgePackage(List<Transaction> txs) {
        tally.of(kind).transactions += txs.size();
        List<String> raw = txs.stream().map(Stage::hex).toList();
        ask("testmempoolaccept", raw, 0);
        String answer = ask("submitpackage", raw, 0, 1_000);
        boolean isIn = answer.contains("\"package_msg\":\"success\"");
        count(isIn, message(answer));
        lookNow();
        return isIn;
    }

    private static String message(String answer) {
        return answer.startsWith("error")
                ? answer
                : JSON.readTree(answer).path("package_msg").asString("");
    }

    private void look() {
        if (++unseen >= QUESTIONS_BETWEEN_LOOKS) {
            lookNow();
        }
    }

    /// Compares which transactions the mempools have, in order.
    void lookNow() {
        unseen = 0;
        adopt(ask("getrawmempool"));
    }

    private void adopt(String answer) {
        var ids = new ArrayList<Txid>();
        for (JsonNode each : JSON.readTree(answer)) {
            Txid txid = names.txid(each.asString());
            if (txid != null) {
                ids.add(txid);
            }
        }
        world.adopt(ids);
    }

    /// Compares all that is said of the mempools.
    void lookClosely() {
        ask("getrawmempool", true);
        ask("getmempoolinfo");
        ask("getprioritisedtransactions");
        lookNow();
        lookAtRelatives();
    }

    /// Compares what is said of a transaction with many ancestors and of the first one among them.
    private void lookAtRelatives() {
        Transaction last = null;
        for (Transaction each : world.pool()) {
            last = each;
        }
        if (last == null) {
            return;
        }
        Transaction first = last;
        for (Transaction each = last; each != null; each = world.parentInPool(each)) {
            first = each;
        }
        for (boolean verbose : List.of(false, true)) {
            ask("getmempoolancestors", last.txid().toString(), verbose);
            ask("getmempooldescendants", first.txid().toString(), verbose);
        }
        ask("getmempoolentry", first.txid().toString());
    }

    /// A block for all.
    void mine(List<Transaction> txs) {
        Block block = world.block(txs, coinbaseLock(), keys);
        names.addBlock(block.hash().toString());
        names.add(block.transactions().getFirst());
        hand(block);
    }

    /// Hands a block in and moves the clocks.
    void hand(Block block) {
        String answer = ask("submitblock", Bytes.wrap(block.toByteArray()).toHex());
        if (!answer.equals("null") && !answer.equals("inconclusive")) {
            throw new IllegalStateException("the reference refuses a block: " + answer);
        }
        world.connect(block);
        ask("setmocktime", world.seconds());
    }

    /// Takes the last blocks back.
    List<Block> undo(int count) {
        var blocks = new ArrayList<Block>();
        for (int i = 0; i < count; i++) {
            blocks.addFirst(world.disconnect());
        }
        ask("invalidateblock", blocks.getFirst().hash().toString());
        settle();
        lookNow();
        return blocks;
    }

    /// Makes invalid what is on other branches, until the tip is ours.
    private void settle() {
        String tip = names.shorten(world.tip().hash().toString());
        String best = ask("getbestblockhash");
        while (!best.equals(tip)) {
            ask("invalidateblock", names.block(best));
            best = ask("getbestblockhash");
        }
    }

    /// A branch of empty blocks that gets longer than the last blocks of the chain.
    void overtake(int count) {
        for (int i = 0; i < count; i++) {
            world.disconnect();
        }
        for (int i = 0; i <= count; i++) {
            mine(List.of());
        }
        ask("getbestblockhash");
    }

    private Lock coinbaseLock() {
        Lock lock = locks.of(Locks.Kind.P2WPKH);
        return Lock.of(World.COINBASE, lock.place(), lock.script(), lock.opening());
    }

    /// One of our coins with a lock that wallets use.
    @Nullable KnownCoin usualCoin() {
        return world.coin(Stage::isUsual);
    }

    static boolean isUsual(KnownCoin coin) {
        return Character.isUpperCase(coin.lock().name().charAt(0));
    }
}
