package weft.consensus.script;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.codec.ByteWriter;

/// Runs the scripts of an input: whether it may spend its output.
public final class Interpreter {
    private static final int STACK_MAX = 1000;
    private static final int VALIDATION_WEIGHT_OFFSET = 50;

    /// What a witness program of 20 bytes stands for, with room for the program. See BIP-0141.
    private static final byte[] KEY_HASH_SCRIPT =
            new ScriptBuilder()
                    .op(Opcode.OP_DUP)
                    .op(Opcode.OP_HASH160)
                    .push(new byte[20])
                    .op(Opcode.OP_EQUALVERIFY)
                    .op(Opcode.OP_CHECKSIG)
                    .build()
                    .toByteArray();

    private final int flags;
    private final SignatureChecker checker;

    private Interpreter(int flags, SignatureChecker checker) {
        this.flags = flags;
        this.checker = checker;
    }

    /// Runs the scripts of an input and its output.
    ///
    /// @param witness of the input
    /// @param flags rules in force, see [ScriptFlags]; WITNESS only with P2SH, CLEANSTACK only with both
    /// @return [ScriptError#OK] if the input may spend the output
    public static ScriptError verify(
            Bytes scriptSig,
            Bytes scriptPubKey,
            Witness witness,
            int flags,
            SignatureChecker checker) {
        boolean needsP2sh = (flags & (ScriptFlags.WITNESS | ScriptFlags.CLEANSTACK)) != 0;
        Check.argument(
                !needsP2sh || (flags & ScriptFlags.P2SH) != 0,
                "WITNESS and CLEANSTACK ask for P2SH");
        Check.argument(
                (flags & ScriptFlags.CLEANSTACK) == 0 || (flags & ScriptFlags.WITNESS) != 0,
                "CLEANSTACK asks for WITNESS");
        try {
            new Interpreter(flags, checker).verify(scriptSig, scriptPubKey, witness);
            return ScriptError.OK;
        } catch (ScriptAbort abort) {
            return abort.error();
        }
    }

    /// Checks an input of a transaction whose spent outputs are known.
    ///
    /// @param flags rules in force, see [ScriptFlags]
    /// @return [ScriptError#OK] if the input may spend its output
    public static ScriptError verifyInput(PrecomputedTxHashes shared, int input, int flags) {
        return verifyInput(shared, input, flags, SignatureVerifier.CURVE);
    }

    /// Checks an input of a transaction whose spent outputs are known.
    ///
    /// @param flags rules in force, see [ScriptFlags]
    /// @param signatures what has the last word on signatures
    /// @return [ScriptError#OK] if the input may spend its output
    public static ScriptError verifyInput(
            PrecomputedTxHashes shared, int input, int flags, SignatureVerifier signatures) {
        TxOut spent = shared.spent().get(input);
        return verify(
                shared.input(input).scriptSig(),
                spent.scriptPubKey(),
                shared.tx().witness(input),
                flags,
                new TransactionSignatureChecker(shared, input, spent.value(), signatures));
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    private static void require(boolean holds, ScriptError error) {
        if (!holds) {
            throw new ScriptAbort(error);
        }
    }

    private void verify(Bytes scriptSig, Bytes scriptPubKey, Witness witness) {
        boolean pushOnly =
                !has(ScriptFlags.SIGPUSHONLY | ScriptFlags.P2SH) || Script.isPushOnly(scriptSig);
        require(pushOnly || !has(ScriptFlags.SIGPUSHONLY), ScriptError.SIG_PUSHONLY);
        // Run one after the other, never as one script (CVE-2010-5141).
        var stack = new ScriptStack();
        run(stack, scriptSig);
        boolean toHash = has(ScriptFlags.P2SH) && Script.isPayToScriptHash(scriptPubKey);
        ScriptStack afterSig = toHash ? stack.copy() : stack;
        run(stack, scriptPubKey);
        requireTrue(stack);
        boolean witnessUsed = false;
        boolean clean = stack.size() == 1;
        Script.WitnessProgram program = program(scriptPubKey);
        if (program != null) {
            witnessUsed = true;
            require(scriptSig.isEmpty(), ScriptError.WITNESS_MALLEATED);
            verifyProgram(program, witness, false);
            clean = true;
        }
        if (toHash) {
            require(pushOnly, ScriptError.SIG_PUSHONLY);
            Bytes redeemScript = Bytes.wrap(afterSig.pop());
            run(afterSig, redeemScript);
            requireTrue(afterSig);
            clean = afterSig.size() == 1;
            program = program(redeemScript);
            if (program != null) {
                witnessUsed = true;
                Bytes only = new ScriptBuilder().push(redeemScript).build();
                require(scriptSig.equals(only), ScriptError.WITNESS_MALLEATED_P2SH);
                verifyProgram(program, witness, true);
                clean = true;
            }
        }
        require(clean || !has(ScriptFlags.CLEANSTACK), ScriptError.CLEANSTACK);
        require(
                witnessUsed || witness.isEmpty() || !has(ScriptFlags.WITNESS),
                ScriptError.WITNESS_UNEXPECTED);
    }

    private Script.@Nullable WitnessProgram program(Bytes script) {
        return has(ScriptFlags.WITNESS) ? Script.witnessProgram(script) : null;
    }

    private void run(ScriptStack stack, Bytes script) {
        if (script.isEmpty()) {
            return;
        }
        var context = new ExecutionContext(null);
        new ScriptRun(stack, script.toByteArray(), flags, checker, SigVersion.BASE, context).run();
    }

    private static void requireTrue(ScriptStack stack) {
        require(stack.size() > 0 && ScriptStack.isTrue(stack.top(1)), ScriptError.EVAL_FALSE);
    }

    private void verifyProgram(Script.WitnessProgram program, Witness witness, boolean behindHash) {
        if (program.version() == 0) {
            verifyVersion0(program.program(), witness.items());
        } else if (program.isTaproot() && !behindHash) {
            if (has(ScriptFlags.TAPROOT)) {
                verifyTaproot(program.program(), witness);
            }
        } else if (behindHash || !program.isAnchor()) {
            require(
                    !has(ScriptFlags.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM),
                    ScriptError.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM);
        }
    }

    private void verifyVersion0(Bytes program, List<Bytes> items) {
        switch (program.length()) {
            case 32 -> {
                require(!items.isEmpty(), ScriptError.WITNESS_PROGRAM_WITNESS_EMPTY);
                byte[] script = items.getLast().toByteArray();
                require(
                        Arrays.equals(Sha256.hash(script), program.toByteArray()),
                        ScriptError.WITNESS_PROGRAM_MISMATCH);
                List<Bytes> arguments = items.subList(0, items.size() - 1);
                runWitness(arguments, script, SigVersion.WITNESS_V0, new ExecutionContext(null));
            }
            case 20 -> {
                require(items.size() == 2, ScriptError.WITNESS_PROGRAM_MISMATCH);
                byte[] script = KEY_HASH_SCRIPT.clone();
                program.copyTo(script, 3);
                runWitness(items, script, SigVersion.WITNESS_V0, new ExecutionContext(null));
            }
            default -> throw new ScriptAbort(ScriptError.WITNESS_PROGRAM_WRONG_LENGTH);
        }
    }

    private void verifyTaproot(Bytes program, Witness witness) {
        List<Bytes> items = witness.items();
        require(!items.isEmpty(), ScriptError.WITNESS_PROGRAM_WITNESS_EMPTY);
        byte[] annexHash = null;
        Bytes last = items.getLast();
        if (items.size() >= 2 && !last.isEmpty() && last.at(0) == Taproot.ANNEX_TAG) {
            annexHash = Sha256.hash(new ByteWriter(last.length() + 5).varBytes(last).toByteArray());
            items = items.subList(0, items.size() - 1);
        }
        byte[] outputX = program.toByteArray();
        if (items.size() == 1) {
            ScriptError error =
                    checker.checkSchnorr(
                            items.getFirst().toByteArray(),
                            outputX,
                            SigVersion.TAPROOT,
                            new ExecutionContext(annexHash));
            require(error == ScriptError.OK, error);
            return;
        }
        Bytes control = items.getLast();
        Bytes script = items.get(items.size() - 2);
        require(
                Taproot.isControlBlockLength(control.length()),
                ScriptError.TAPROOT_WRONG_CONTROL_SIZE);
        int leafVersion = control.at(0) & Taproot.LEAF_MASK;
        byte[] leafHash = Taproot.leafHash(leafVersion, script);
        require(Taproot.commits(outputX, control, leafHash), ScriptError.WITNESS_PROGRAM_MISMATCH);
        if (leafVersion == Taproot.LEAF_TAPSCRIPT) {
            var context = new ExecutionContext(annexHash, leafHash);
            context.allowWeight(serializedSize(witness) + VALIDATION_WEIGHT_OFFSET);
            List<Bytes> arguments = items.subList(0, items.size() - 2);
            runTapscript(arguments, script, context);
        } else {
            require(
                    !has(ScriptFlags.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION),
                    ScriptError.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION);
        }
    }

    private static long serializedSize(Witness witness) {
        long size = ByteWriter.compactSizeBytes(witness.items().size());
        for (Bytes item : witness.items()) {
            size += ByteWriter.compactSizeBytes(item.length()) + item.length();
        }
        return size;
    }

    private void runTapscript(List<Bytes> arguments, Bytes script, ExecutionContext context) {
        var reader = ScriptReader.of(script);
        while (!reader.isAtEnd()) {
            require(reader.next(), ScriptError.BAD_OPCODE);
            if (Opcode.isSuccess(reader.opcode())) {
                require(!has(ScriptFlags.DISCOURAGE_OP_SUCCESS), ScriptError.DISCOURAGE_OP_SUCCESS);
                return;
            }
        }
        require(arguments.size() <= STACK_MAX, ScriptError.STACK_SIZE);
        runWitness(arguments, script.toByteArray(), SigVersion.TAPSCRIPT, context);
    }

    private void runWitness(
            List<Bytes> arguments, byte[] script, SigVersion version, ExecutionContext context) {
        var stack = new ScriptStack();
        for (Bytes argument : arguments) {
            require(argument.length() <= Script.ELEMENT_BYTES_MAX, ScriptError.PUSH_SIZE);
            stack.push(argument.toByteArray());
        }
        new ScriptRun(stack, script, flags, checker, version, context).run();
        // Inside a witness nothing may be left over, whatever the flags.
        require(stack.size() == 1, ScriptError.CLEANSTACK);
        require(ScriptStack.isTrue(stack.top(1)), ScriptError.EVAL_FALSE);
    }
}
