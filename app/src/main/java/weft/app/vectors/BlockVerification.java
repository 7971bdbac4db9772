package weft.app.vectors;

import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import weft.consensus.BlockCheck;
import weft.consensus.BlockScriptFlags;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.HeaderCheck;
import weft.consensus.RuleFailure;
import weft.consensus.SigOps;
import weft.consensus.Subsidy;
import weft.consensus.TxInputs;
import weft.consensus.script.Interpreter;
import weft.consensus.script.Opcode;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptNum;
import weft.consensus.script.ScriptReader;
import weft.consensus.script.SignatureVerifier;
import weft.consensus.script.TransactionSignatureChecker;
import weft.crypto.Secp256k1;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;

/// One block without its chain: all rules that need no more than the block, its height and what it spends.
public final class BlockVerification {
    private static final Instant LATE = Instant.parse("2100-01-01T00:00:00Z");

    private BlockVerification() {}

    /// What the inputs came to.
    ///
    /// @param inputs whose scripts were run
    /// @param signatures that were checked
    /// @param fees in satoshis
    /// @param sigOpsCost of the block, see BIP-0141
    /// @param failure the first rule that is broken; null if none is
    public record Spending(
            int inputs,
            int signatures,
            long fees,
            long sigOpsCost,
            @Nullable RuleFailure failure) {}

    /// The rules of the block alone, proof of work first; null if all are kept.
    public static @Nullable RuleFailure alone(Block block, ChainParams params) {
        RuleFailure work = HeaderCheck.checkWork(block.header(), block.hash(), params);
        return work == null ? BlockCheck.check(block, params) : work;
    }

    /// The rules of a block at a height that need nothing of its ancestors: version, coinbase height,
    /// witness commitment, weight, and lock times against the block's own time; null if all are kept.
    public static @Nullable RuleFailure atHeight(Block block, int height, ChainParams params) {
        if (height == 0) {
            return null;
        }
        long timespan = params.pow().targetTimespanSeconds();
        var parent = UnknownParent.of(block.header(), height, timespan);
        RuleFailure header = HeaderCheck.checkInContext(block.header(), parent, LATE, params);
        return header == null ? BlockCheck.checkInContext(block, parent, params) : header;
    }

    /// The height that a coinbase begins with, see BIP-0034; empty if it begins with no shortest form of one.
    public static OptionalInt coinbaseHeight(Block block) {
        if (block.transactions().isEmpty() || !block.transactions().getFirst().isCoinbase()) {
            return OptionalInt.empty();
        }
        Bytes script = block.transactions().getFirst().inputs().getFirst().scriptSig();
        var reader = ScriptReader.of(script);
        if (!reader.next()) {
            return OptionalInt.empty();
        }
        int height = -1;
        if (reader.opcode() >= Opcode.OP_1 && reader.opcode() <= Opcode.OP_16) {
            height = reader.opcode() - Opcode.OP_RESERVED;
        } else if (reader.push().length() <= ScriptNum.BYTES_MAX) {
            height = (int) ScriptNum.decode(reader.push().toByteArray());
        }
        boolean shortest = height >= 0 && script.startsWith(BlockCheck.heightPush(height));
        return shortest ? OptionalInt.of(height) : OptionalInt.empty();
    }

    /// Amounts, signature operations, scripts and the subsidy.
    public static Spending spending(
            Block block, SpentOutputs spent, int height, ChainParams params) {
        String contradiction = spent.contradiction(block);
        if (contradiction != null) {
            return failed("bad-txns-inputs-missingorspent", contradiction);
        }
        var sums = new Sums(BlockScriptFlags.of(block.hash(), height, params));
        for (int i = 0; i < block.transactions().size(); i++) {
            RuleFailure failure =
                    sums.add(block.transactions().get(i), spent.coins().get(i), height);
            if (failure != null) {
                return sums.finish(failure);
            }
        }
        long made =
                block.transactions().getFirst().outputs().stream().mapToLong(TxOut::value).sum();
        long limit = sums.fees + Subsidy.at(height, params);
        if (made > limit) {
            return sums.finish(
                    failure(
                            "bad-cb-amount",
                            "coinbase pays too much (actual=" + made + " vs limit=" + limit + ")"));
        }
        return sums.finish(null);
    }

    private static RuleFailure failure(String reason, String detail) {
        return new RuleFailure(RuleFailure.Kind.CONSENSUS, reason, detail);
    }

    private static Spending failed(String reason, String detail) {
        return new Spending(0, 0, 0, 0, failure(reason, detail));
    }

    /// What was counted so far.
    private static final class Sums implements SignatureVerifier {
        private final SignatureVerifier curve = SignatureVerifier.of(Secp256k1.get());
        private final int flags;
        private int inputs;
        private int signatures;
        private long fees;
        private long sigOpsCost;

        Sums(int flags) {
            this.flags = flags;
        }

        @Override
        public boolean ecdsa(byte[] signature, byte[] digest, byte[] publicKey) {
            signatures++;
            return curve.ecdsa(signature, digest, publicKey);
        }

        @Override
        public boolean schnorr(byte[] signature, byte[] digest, byte[] publicKey) {
            signatures++;
            return curve.schnorr(signature, digest, publicKey);
        }

        Spending finish(@Nullable RuleFailure failure) {
            return new Spending(inputs, signatures, fees, sigOpsCost, failure);
        }

        @Nullable RuleFailure add(Transaction tx, List<Coin> coins, int height) {
            sigOpsCost += SigOps.cost(tx, coins, flags);
            if (sigOpsCost > BlockCheck.SIGOPS_COST_MAX) {
                return failure("bad-blk-sigops", "too many sigops");
            }
            if (tx.isCoinbase()) {
                return null;
            }
            TxInputs.Result amounts = TxInputs.check(tx, coins, height);
            if (amounts.failure() != null) {
                return amounts.failure();
            }
            fees += amounts.fee();
            var shared = PrecomputedTxHashes.of(tx, coins.stream().map(Coin::out).toList());
            for (int i = 0; i < coins.size(); i++) {
                inputs++;
                long amount = coins.get(i).out().value();
                var checker = new TransactionSignatureChecker(shared, i, amount, this);
                ScriptError error =
                        Interpreter.verify(
                                tx.inputs().get(i).scriptSig(),
                                coins.get(i).out().scriptPubKey(),
                                tx.witness(i),
                                flags,
                                checker);
                if (error != ScriptError.OK) {
                    return failure(
                            "mandatory-script-verify-flag-failed (" + error.text() + ")",
                            "input " + i + " of " + tx.txid());
                }
            }
            return null;
        }
    }
}
