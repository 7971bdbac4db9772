package weft.node;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.ChainOptions;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Headers;

/// Attacks of the past, sent by a peer to a node: the chain stays, the attacker goes, the others are served.
class NodeAttackTest implements SeenRed {
    private static final long COIN = Target.COIN;

    private static Transaction doubled(OutPoint coin, long value) {
        TxIn input = new TxIn(coin, Bytes.EMPTY, 0);
        return Transaction.of(
                1, List.of(input, input), List.of(new TxOut(value, Target.OPEN)), List.of(), 0);
    }

    @Test
    @DisplayName("A01 blocks and transactions that make money from nothing")
    @Sabotage(type = "weft.consensus.TxCheck", method = "checkAmounts", returns = "null")
    @Sabotage(type = "weft.chain.BlockConnector$Run", method = "checkReward", returns = "null")
    @Sabotage(type = "weft.p2p.sync.Verdicts", method = "punish", returns = "void")
    void shouldRefuseMoneyFromNothing() {
        var scene = new Scene();
        Target target = scene.target;
        long historic = 9_223_372_036_854_275_808L;
        long max = Amount.MAX_SATOSHIS;
        for (long[] values :
                new long[][] {
                    {historic, historic}, {max, max}, {-1}, {Long.MIN_VALUE}, {max + 1}
                }) {
            Transaction tx = Target.spend(scene.coin(1), values);
            scene.refuses(target.block(List.of(tx)), Fate.DISCOURAGED);
            scene.refuses(tx, Fate.DISCOURAGED);
        }
        Transaction tx = Target.spend(scene.coin(1), COIN + 1);
        scene.refuses(target.block(List.of(tx)), Fate.DISCOURAGED);
        Transaction greedy = target.coinbase(target.height() + 1, 0, 1);
        scene.refuses(
                target.block(target.node.chain().tip().header(), greedy, List.of()),
                Fate.DISCOURAGED);
        scene.accepts(target.block(List.of(Target.spend(scene.coin(1), COIN))));
        scene.holdsAgain();
    }

    @Test
    @DisplayName(
            "A09 a coin spent twice by one transaction, from an earlier block or from the same")
    @Sabotage(
            type = "weft.consensus.TxCheck",
            method = "checkInputs",
            call = "add",
            returns = "true")
    void shouldRefuseDuplicateInputs() {
        var scene = new Scene();
        Target target = scene.target;
        Transaction old = doubled(scene.coin(1), 2 * COIN);
        scene.refuses(target.block(List.of(old)), Fate.DISCOURAGED);
        scene.refuses(old, Fate.DISCOURAGED);
        Transaction made = Target.spend(scene.coin(1), COIN);
        Transaction twice = doubled(Target.out(made), 2 * COIN);
        scene.refuses(target.block(List.of(made, twice)), Fate.DISCOURAGED);
        scene.accepts(target.block(List.of(made)));
        scene.holdsAgain();
    }

    @Test
    @DisplayName("A07 a block with repeated transactions, and the honest one after it")
    @Sabotage(type = "weft.consensus.MerkleRoot", method = "hasEqualPair", returns = "false")
    void shouldNotBlameABlockForAMutatedCopy() {
        var scene = new Scene();
        Target target = scene.target;
        Transaction one = Target.spend(scene.coin(1), COIN);
        Transaction two = Target.spend(Target.out(one), COIN);
        Block honest = target.block(List.of(one, two));
        // Known and asked for, as far as it goes; the attacker is quicker with another body.
        scene.honest.sends(new Headers(List.of(honest.header())));
        var repeated = new ArrayList<>(honest.transactions());
        repeated.add(two);
        FakePeer attacker = target.peer();
        attacker.sends(Block.of(honest.header(), repeated));
        assertThat(attacker.fate()).isEqualTo(Fate.DISCOURAGED);
        assertThat(target.tip()).isNotEqualTo(honest.hash());
        scene.accepts(honest);
        scene.holdsAgain();
    }

    @Test
    @DisplayName("A08 an inner node of 64 bytes that poses as the only transaction of a block")
    @Sabotage(type = "weft.p2p.sync.BlockBody", method = "lambda$mutation$0", constant = "64>65")
    void shouldNotBlameABlockForAnInnerNode() {
        var scene = new Scene();
        Target target = scene.target;
        Transaction forged =
                Transaction.of(
                        1,
                        List.of(new TxIn(scene.coin(1), Bytes.parse("01020304"), 0)),
                        List.of(new TxOut(0, Bytes.EMPTY)),
                        List.of(),
                        0);
        assertThat(forged.strippedSize()).isEqualTo(64);
        Block alone = target.block(target.node.chain().tip().header(), forged, List.of());
        FakePeer attacker = target.peer();
        attacker.sends(new Headers(List.of(alone.header())));
        assertThat(attacker.isAskedFor(alone)).isTrue();
        attacker.sends(alone);
        assertThat(attacker.fate()).isEqualTo(Fate.DISCOURAGED);
        // It is known for what it is before anything looks at it as a block.
        assertThat(attacker.why()).isEqualTo("mutated block");
        // Nothing is remembered against the header: whoever has the real body is asked for it.
        FakePeer another = target.peer();
        another.sends(new Headers(List.of(alone.header())));
        assertThat(another.isAskedFor(alone)).isTrue();
        assertThat(another.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
    }

    @Test
    @DisplayName("A04 a coinbase that repeats one whose coin is there")
    @Sabotage(type = "weft.chain.ConsensusRules", method = "forbidsOverwriting", returns = "false")
    void shouldRefuseARepeatedCoinbase() {
        ChainParams young = ChainParams.of(Network.REGTEST).withActivationHeight("bip34", 100_000);
        var scene = new Scene(new Target(young, ChainOptions.DEFAULT));
        Target target = scene.target;
        Transaction coinbase = target.coinbase(7, 7, 0);
        BlockHeader tip = target.node.chain().tip().header();
        scene.accepts(target.block(tip, coinbase, List.of()));
        tip = target.node.chain().tip().header();
        scene.refuses(target.block(tip, coinbase, List.of()), Fate.DISCOURAGED);
        scene.holdsAgain();
    }

    @Test
    @DisplayName("A04 a coinbase that repeats one whose coin is spent, which is no harm")
    @Sabotage(type = "weft.chain.BlockConnector", method = "overwrites", returns = "true")
    @Sabotage(type = "weft.chain.ConsensusRules", method = "forbidsOverwriting", returns = "false")
    void shouldAcceptARepeatedCoinbaseOnceItIsSpent() {
        ChainParams young = ChainParams.of(Network.REGTEST).withActivationHeight("bip34", 100_000);
        var scene = new Scene(new Target(young, ChainOptions.DEFAULT));
        Target target = scene.target;
        // As much as may be claimed after the first halving too.
        Transaction coinbase = target.coinbase(7, 7, -COIN / 2);
        scene.accepts(target.block(target.node.chain().tip().header(), coinbase, List.of()));
        int first = target.height() - 1;
        target.mine(100);
        BlockHeader tip = target.node.chain().tip().header();
        scene.refuses(target.block(tip, coinbase, List.of()), Fate.DISCOURAGED);
        Transaction spending = Target.spend(Target.out(coinbase), COIN / 2);
        scene.accepts(target.block(List.of(spending)));
        tip = target.node.chain().tip().header();
        scene.accepts(target.block(tip, coinbase, List.of()));
        var coin = target.node.chain().chain().coins().coin(Target.out(coinbase));
        assertThat(requireNonNull(coin).height()).isGreaterThan(first + 100);
        scene.holdsAgain();
    }

    @Test
    @DisplayName("A18 A13 blocks with transactions whose time has not come, and the same later")
    @Sabotage(type = "weft.consensus.LockTimes", method = "isFinal", returns = "true")
    @Sabotage(type = "weft.consensus.LockTimes", method = "areMet", returns = "true")
    @Sabotage(
            type = "weft.consensus.LockTimes",
            method = "sequenceLocks",
            call = "version",
            returns = "-1")
    void shouldRefuseBlocksBeforeTheirTime() {
        var scene = new Scene();
        Target target = scene.target;
        int next = target.height() + 1;
        scene.refuses(
                target.block(List.of(Target.spend(1, scene.coin(1), 0, next, COIN))),
                Fate.DISCOURAGED);
        // The refusal is followed by an honest block, so the height and the median are others now.
        scene.refuses(
                target.block(
                        List.of(
                                Target.spend(
                                        1,
                                        scene.coin(1),
                                        0,
                                        target.node.chain().tip().medianTimePast(),
                                        COIN))),
                Fate.DISCOURAGED);
        scene.accepts(
                target.block(List.of(Target.spend(1, scene.coin(1), 0, target.height(), COIN))));
        Transaction made = Target.spend(scene.coin(2), COIN);
        scene.accepts(target.block(List.of(made)));
        for (long version : new long[] {2, 0xffffffffL, 0x80000002L}) {
            Transaction early = Target.spend(version, Target.out(made), 50, 0, COIN);
            scene.refuses(target.block(List.of(early)), Fate.DISCOURAGED);
        }
        target.mine(50);
        Transaction due = Target.spend(0xffffffffL, Target.out(made), 50, 0, COIN);
        scene.accepts(target.block(List.of(due)));
        scene.holdsAgain();
    }

    @Test
    @DisplayName("A19 a coinbase spent too early, and a block that stands on an invalid one")
    @Sabotage(type = "weft.consensus.TxInputs", method = "check", constant = "100>50")
    void shouldRefuseWhatStandsOnAnInvalidBlock() {
        var scene = new Scene();
        Target target = scene.target;
        Transaction early = Target.spend(scene.coin(target.height() - 60), COIN);
        Block bad = target.block(List.of(early));
        Block child =
                target.block(bad.header(), target.coinbase(target.height() + 2, 0, 0), List.of());
        scene.refuses(bad, Fate.DISCOURAGED);
        scene.refuses(child, Fate.DISCOURAGED);
        FakePeer announcer = target.peer();
        announcer.sends(new Headers(List.of(bad.header(), child.header())));
        assertThat(target.node.chain().chain().headers().find(child.hash())).isNull();
        scene.accepts(target.block(List.of(Target.spend(scene.coin(1), COIN))));
        scene.holdsAgain();
    }

    @Test
    @DisplayName("A28 a block that fails after 3,000 good transactions, and its valid twin")
    @Sabotage(
            type = "weft.chain.ChainActivation",
            method = "connectTip",
            call = "failure",
            returns = "null")
    void shouldLeaveNoTraceOfAFailedBlock() {
        var scene = new Scene();
        Target target = scene.target;
        var txs = new ArrayList<Transaction>();
        OutPoint last = scene.coin(1);
        for (int i = 0; i < 3_000; i++) {
            Transaction tx = Target.spend(last, COIN);
            txs.add(tx);
            last = Target.out(tx);
        }
        txs.add(Target.spend(last, COIN + 1));
        scene.refuses(target.block(txs), Fate.DISCOURAGED);
        assertThat(target.node.chain().chain().coins().coin(scene.coin(1))).isNotNull();
        assertThat(target.node.chain().chain().coins().coin(last)).isNull();
        txs.removeLast();
        txs.add(Target.spend(last, COIN));
        scene.accepts(target.block(txs));
        scene.holdsAgain();
    }
}
