package weft.mempool;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.TxFailure;
import weft.consensus.Coin;
import weft.consensus.SigOps;
import weft.consensus.script.Opcode;
import weft.consensus.script.OutputType;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptReader;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.codec.ByteWriter;

/// Forms of transactions that are relayed. A transaction of another form is not invalid; a block may have it.
public final class RelayPolicy {
    /// Fewest bytes without witnesses: 64 could be taken for an inner node of a Merkle tree (CVE-2017-12842).
    static final int STRIPPED_SIZE_MIN = 65;

    /// What the signature operations of one transaction may weigh: a fifth of a block's.
    static final int SIGOPS_COST_MAX = 16_000;

    /// Topologically restricted until confirmation. See BIP-0431.
    static final int TRUC_VERSION = 3;

    private static final int WEIGHT_MAX = 400_000;
    private static final int SCRIPT_SIG_MAX = 1_650;
    private static final int P2SH_SIGOPS_MAX = 15;
    private static final int BARE_MULTISIG_KEYS_MAX = 3;
    private static final int PUSH_MAX = 520;
    private static final int STACK_MAX = 1_000;
    private static final int WITNESS_SCRIPT_MAX = 3_600;
    private static final int WITNESS_ITEMS_MAX = 100;
    private static final int WITNESS_ITEM_MAX = 80;
    private static final int ANNEX = 0x50;
    private static final int LEAF_MASK = 0xfe;
    private static final int LEAF_TAPSCRIPT = 0xc0;
    private static final int VALUE_BYTES = 8;
    private static final int SPEND_BYTES = 32 + 4 + 1 + 107 + 4;
    private static final int WITNESS_SPEND_BYTES = 32 + 4 + 1 + 107 / 4 + 4;

    private RelayPolicy() {}

    /// The first rule that the form of a transaction breaks; null if none.
    public static @Nullable TxFailure check(Transaction tx, MempoolOptions.Form form) {
        if (tx.version() < 1 || tx.version() > TRUC_VERSION) {
            return nonStandard("version");
        }
        if (tx.weight() > WEIGHT_MAX) {
            return nonStandard("tx-size");
        }
        for (TxIn input : tx.inputs()) {
            if (input.scriptSig().length() > SCRIPT_SIG_MAX) {
                return nonStandard("scriptsig-size");
            }
            if (!Script.isPushOnly(input.scriptSig())) {
                return nonStandard("scriptsig-not-pushonly");
            }
        }
        return checkOutputs(tx, form);
    }

    private static @Nullable TxFailure checkOutputs(Transaction tx, MempoolOptions.Form form) {
        int data = 0;
        int dust = 0;
        for (TxOut output : tx.outputs()) {
            Bytes script = output.scriptPubKey();
            OutputType kind = OutputType.of(script);
            if (!isStandard(script, kind, form)) {
                return nonStandard("scriptpubkey");
            }
            if (kind == OutputType.NULLDATA) {
                data++;
            } else if (kind == OutputType.MULTISIG && !form.bareMultisig()) {
                return nonStandard("bare-multisig");
            } else if (isDust(output, form.dustRelay())) {
                dust++;
                if (dust > (form.ephemeralDust() ? 1 : 0)) {
                    return nonStandard("dust");
                }
            }
        }
        return data > 1 ? nonStandard("multi-op-return") : null;
    }

    private static boolean isStandard(Bytes script, OutputType kind, MempoolOptions.Form form) {
        return switch (kind) {
            case NONSTANDARD -> false;
            case MULTISIG -> OutputType.multisigKeys(script).size() <= BARE_MULTISIG_KEYS_MAX;
            case NULLDATA ->
                    form.dataCarrierBytes() != null && script.length() <= form.dataCarrierBytes();
            case PUBKEY,
                    PUBKEYHASH,
                    SCRIPTHASH,
                    WITNESS_V0_SCRIPTHASH,
                    WITNESS_V0_KEYHASH,
                    WITNESS_V1_TAPROOT,
                    ANCHOR,
                    WITNESS_UNKNOWN ->
                    true;
        };
    }

    /// Whether an output costs more to spend than it has, at a rate.
    static boolean isDust(TxOut output, FeeRate rate) {
        return output.value() < dustThreshold(output, rate);
    }

    /// The least value of an output that is worth spending, in satoshis.
    static long dustThreshold(TxOut output, FeeRate rate) {
        Bytes script = output.scriptPubKey();
        if (Script.isUnspendable(script)) {
            return 0;
        }
        int size = VALUE_BYTES + ByteWriter.compactSizeBytes(script.length()) + script.length();
        boolean witness = Script.witnessProgram(script) != null;
        return rate.fee(size + (witness ? WITNESS_SPEND_BYTES : SPEND_BYTES));
    }

    /// The first rule that the inputs break with the coins that they spend; null if none.
    static @Nullable TxFailure checkInputs(Transaction tx, List<Coin> spent) {
        for (int i = 0; i < spent.size(); i++) {
            Bytes script = spent.get(i).out().scriptPubKey();
            OutputType kind = OutputType.of(script);
            boolean isRefused =
                    switch (kind) {
                        case NONSTANDARD, WITNESS_UNKNOWN -> true;
                        case SCRIPTHASH -> {
                            Bytes redeem = lastPush(tx.inputs().get(i).scriptSig());
                            yield redeem == null || SigOps.count(redeem, true) > P2SH_SIGOPS_MAX;
                        }
                        case PUBKEY,
                                PUBKEYHASH,
                                MULTISIG,
                                NULLDATA,
                                WITNESS_V0_SCRIPTHASH,
                                WITNESS_V0_KEYHASH,
                                WITNESS_V1_TAPROOT,
                                ANCHOR ->
                                false;
                    };
            if (isRefused) {
                return new TxFailure(
                        TxFailure.Kind.INPUTS_NOT_STANDARD, "bad-txns-nonstandard-inputs", "");
            }
        }
        return null;
    }

    /// Whether a coin is spent to a witness program, open or behind a hash; an anchor needs no witness.
    static boolean needsWitness(TxIn input, Coin coin) {
        Bytes script = coin.out().scriptPubKey();
        boolean nested = Script.isPayToScriptHash(script);
        Bytes inner = nested ? lastPush(input.scriptSig()) : script;
        Script.WitnessProgram program = inner == null ? null : Script.witnessProgram(inner);
        return program != null && (nested || !program.isAnchor());
    }

    /// What a script of pushes leaves on top of the stack; null if it fails or leaves nothing.
    private static @Nullable Bytes lastPush(Bytes scriptSig) {
        var reader = ScriptReader.of(scriptSig);
        Bytes last = null;
        int count = 0;
        while (reader.next()) {
            int opcode = reader.opcode();
            boolean fails = opcode == Opcode.OP_RESERVED || opcode > Opcode.OP_16;
            if (fails || reader.pushLength() > PUSH_MAX || ++count > STACK_MAX) {
                return null;
            }
            last = opcode > Opcode.OP_PUSHDATA4 ? smallNumber(opcode) : reader.push();
        }
        return reader.isWellFormedEnd() ? last : null;
    }

    private static Bytes smallNumber(int opcode) {
        int value = opcode < Opcode.OP_1 ? 0x81 : opcode - Opcode.OP_1 + 1;
        return Bytes.wrap(new byte[] {(byte) value});
    }

    /// The first rule that the witnesses break with the coins that they are for; null if none.
    static @Nullable TxFailure checkWitnesses(Transaction tx, List<Coin> spent) {
        for (int i = 0; i < spent.size(); i++) {
            Witness witness = tx.witness(i);
            Bytes script = spent.get(i).out().scriptPubKey();
            if (!witness.isEmpty()
                    && !isWitnessStandard(witness, script, tx.inputs().get(i).scriptSig())) {
                return new TxFailure(TxFailure.Kind.WITNESS_MUTATED, "bad-witness-nonstandard", "");
            }
        }
        return null;
    }

    private static boolean isWitnessStandard(Witness witness, Bytes script, Bytes scriptSig) {
        boolean nested = Script.isPayToScriptHash(script);
        Bytes inner = nested ? lastPush(scriptSig) : script;
        Script.WitnessProgram program = inner == null ? null : Script.witnessProgram(inner);
        if (program == null || (!nested && program.isAnchor())) {
            return false;
        }
        List<Bytes> items = witness.items();
        if (program.version() == 0 && program.program().length() == 32) {
            List<Bytes> arguments = items.subList(0, items.size() - 1);
            return items.getLast().length() <= WITNESS_SCRIPT_MAX
                    && arguments.size() <= WITNESS_ITEMS_MAX
                    && areSmall(arguments);
        }
        return nested || !program.isTaproot() || isTaprootStandard(items);
    }

    private static boolean isTaprootStandard(List<Bytes> items) {
        if (items.size() < 2) {
            return true;
        }
        if (!items.getLast().isEmpty() && items.getLast().at(0) == ANNEX) {
            return false;
        }
        Bytes control = items.getLast();
        if (control.isEmpty()) {
            return false;
        }
        return (control.at(0) & LEAF_MASK) != LEAF_TAPSCRIPT
                || areSmall(items.subList(0, items.size() - 2));
    }

    private static boolean areSmall(List<Bytes> items) {
        return items.stream().allMatch(item -> item.length() <= WITNESS_ITEM_MAX);
    }

    private static TxFailure nonStandard(String reason) {
        return new TxFailure(TxFailure.Kind.NOT_STANDARD, reason, "");
    }
}
