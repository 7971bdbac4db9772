package weft.consensus.script;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import weft.crypto.Hash160;
import weft.crypto.Ripemd160;
import weft.crypto.Sha256;

/// One script that runs on a stack. Ends by returning, or with [ScriptAbort].
final class ScriptRun {
    private static final int HASH_BLOCK_BYTES = 64;
    private static final int HASH_END_BYTES = 8;
    private static final int OPS_MAX = 201;
    private static final int STACK_MAX = 1000;
    private static final int MULTISIG_KEYS_MAX = 20;
    private static final int LOCK_TIME_BYTES_MAX = 5;
    private static final long SEQUENCE_DISABLED = 1L << 31;
    private static final int WEIGHT_PER_SIGNATURE = 50;

    /// Looking the algorithm up takes longer than hashing an element.
    private static final ThreadLocal<MessageDigest> SHA1 =
            ThreadLocal.withInitial(
                    () -> {
                        try {
                            return MessageDigest.getInstance("SHA-1");
                        } catch (NoSuchAlgorithmException e) {
                            throw new AssertionError("every Java platform has SHA-1", e);
                        }
                    });

    private final ScriptStack stack;
    private final ScriptStack altStack = new ScriptStack();
    private final byte[] script;
    private final ScriptReader reader;
    private final int flags;
    private final SignatureChecker checker;
    private final SigVersion version;
    private final ExecutionContext context;
    private final ConditionStack conditions = new ConditionStack();
    private int ops;
    private int signedFrom;
    private long position;

    ScriptRun(
            ScriptStack stack,
            byte[] script,
            int flags,
            SignatureChecker checker,
            SigVersion version,
            ExecutionContext context) {
        this.stack = stack;
        this.script = script;
        this.reader = ScriptReader.of(script, 0);
        this.flags = flags;
        this.checker = checker;
        this.version = version;
        this.context = context;
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    private boolean minimal() {
        return has(ScriptFlags.MINIMALDATA);
    }

    private static ScriptAbort abort(ScriptError error) {
        return new ScriptAbort(error);
    }

    private static void require(boolean holds, ScriptError error) {
        if (!holds) {
            throw abort(error);
        }
    }

    /// Runs the script to its end.
    void run() {
        boolean limited = version != SigVersion.TAPSCRIPT;
        require(!limited || script.length <= Script.BYTES_MAX, ScriptError.SCRIPT_SIZE);
        context.codeSeparatorAt(ExecutionContext.NO_CODE_SEPARATOR);
        for (; !reader.isAtEnd(); position++) {
            require(reader.next(), ScriptError.BAD_OPCODE);
            int opcode = reader.opcode();
            require(reader.pushLength() <= Script.ELEMENT_BYTES_MAX, ScriptError.PUSH_SIZE);
            if (limited && opcode > Opcode.OP_16) {
                ops++;
                require(ops <= OPS_MAX, ScriptError.OP_COUNT);
            }
            require(!Opcode.isDisabled(opcode), ScriptError.DISABLED_OPCODE);
            require(
                    opcode != Opcode.OP_CODESEPARATOR
                            || version != SigVersion.BASE
                            || !has(ScriptFlags.CONST_SCRIPTCODE),
                    ScriptError.OP_CODESEPARATOR);
            boolean runs = conditions.allTrue();
            if (opcode <= Opcode.OP_PUSHDATA4) {
                if (runs) {
                    push(opcode);
                }
            } else if (runs || (opcode >= Opcode.OP_IF && opcode <= Opcode.OP_ENDIF)) {
                step(opcode, runs);
            }
            require(stack.size() + altStack.size() <= STACK_MAX, ScriptError.STACK_SIZE);
        }
        require(conditions.isEmpty(), ScriptError.UNBALANCED_CONDITIONAL);
    }

    private void push(int opcode) {
        byte[] data = reader.pushArray();
        require(!minimal() || isMinimalPush(data, opcode), ScriptError.MINIMALDATA);
        stack.push(data);
    }

    private static boolean isMinimalPush(byte[] data, int opcode) {
        if (data.length == 1 && ((data[0] >= 1 && data[0] <= 16) || data[0] == (byte) 0x81)) {
            return false;
        }
        if (data.length < Opcode.OP_PUSHDATA1) {
            return opcode == data.length;
        }
        // Longer pushes than 520 bytes have failed before.
        return opcode == (data.length <= 0xff ? Opcode.OP_PUSHDATA1 : Opcode.OP_PUSHDATA2);
    }

    private void step(int opcode, boolean runs) {
        switch (opcode) {
            case Opcode.OP_NOP -> {}
            case Opcode.OP_IF, Opcode.OP_NOTIF, Opcode.OP_ELSE, Opcode.OP_ENDIF ->
                    branch(opcode, runs);
            case Opcode.OP_VERIFY -> {
                require(ScriptStack.isTrue(stack.top(1)), ScriptError.VERIFY);
                stack.drop(1);
            }
            case Opcode.OP_RETURN -> throw abort(ScriptError.OP_RETURN);
            case Opcode.OP_TOALTSTACK -> altStack.push(stack.pop());
            case Opcode.OP_FROMALTSTACK -> {
                require(altStack.size() > 0, ScriptError.INVALID_ALTSTACK_OPERATION);
                stack.push(altStack.pop());
            }
            case Opcode.OP_CHECKLOCKTIMEVERIFY -> checkLockTime();
            case Opcode.OP_CHECKSEQUENCEVERIFY -> checkSequence();
            case Opcode.OP_NOP1,
                    Opcode.OP_NOP4,
                    Opcode.OP_NOP5,
                    Opcode.OP_NOP6,
                    Opcode.OP_NOP7,
                    Opcode.OP_NOP8,
                    Opcode.OP_NOP9,
                    Opcode.OP_NOP10 ->
                    require(
                            !has(ScriptFlags.DISCOURAGE_UPGRADABLE_NOPS),
                            ScriptError.DISCOURAGE_UPGRADABLE_NOPS);
            case Opcode.OP_RIPEMD160,
                    Opcode.OP_SHA1,
                    Opcode.OP_SHA256,
                    Opcode.OP_HASH160,
                    Opcode.OP_HASH256 ->
                    stack.push(hash(opcode, mayHash(stack.pop())));
            case Opcode.OP_CODESEPARATOR -> {
                signedFrom = reader.position();
                context.codeSeparatorAt(position);
            }
            case Opcode.OP_CHECKSIG, Opcode.OP_CHECKSIGVERIFY -> checkSig(opcode);
            case Opcode.OP_CHECKSIGADD -> checkSigAdd();
            case Opcode.OP_CHECKMULTISIG, Opcode.OP_CHECKMULTISIGVERIFY -> checkMultiSig(opcode);
            default -> stepSimple(opcode);
        }
    }

    private void stepSimple(int opcode) {
        if (opcode == Opcode.OP_1NEGATE || (opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16)) {
            stack.push((long) opcode - Opcode.OP_RESERVED);
        } else if (opcode >= Opcode.OP_1ADD && opcode <= Opcode.OP_WITHIN) {
            NumberOps.run(opcode, stack, minimal());
        } else {
            StackOps.run(opcode, stack, minimal());
        }
    }

    private void branch(int opcode, boolean runs) {
        if (opcode == Opcode.OP_IF || opcode == Opcode.OP_NOTIF) {
            boolean value = false;
            if (runs) {
                require(stack.size() > 0, ScriptError.UNBALANCED_CONDITIONAL);
                byte[] argument = stack.top(1);
                boolean shortest =
                        argument.length == 0 || (argument.length == 1 && argument[0] == 1);
                require(
                        shortest || version != SigVersion.TAPSCRIPT,
                        ScriptError.TAPSCRIPT_MINIMALIF);
                require(
                        shortest || version != SigVersion.WITNESS_V0 || !has(ScriptFlags.MINIMALIF),
                        ScriptError.MINIMALIF);
                value = ScriptStack.isTrue(argument) == (opcode == Opcode.OP_IF);
                stack.drop(1);
            }
            conditions.push(value);
            return;
        }
        require(!conditions.isEmpty(), ScriptError.UNBALANCED_CONDITIONAL);
        if (opcode == Opcode.OP_ELSE) {
            conditions.toggle();
        } else {
            conditions.pop();
        }
    }

    private void checkLockTime() {
        if (!has(ScriptFlags.CHECKLOCKTIMEVERIFY)) {
            return;
        }
        long lockTime = ScriptNum.read(stack.top(1), minimal(), LOCK_TIME_BYTES_MAX);
        require(lockTime >= 0, ScriptError.NEGATIVE_LOCKTIME);
        require(checker.checkLockTime(lockTime), ScriptError.UNSATISFIED_LOCKTIME);
    }

    private void checkSequence() {
        if (!has(ScriptFlags.CHECKSEQUENCEVERIFY)) {
            return;
        }
        long sequence = ScriptNum.read(stack.top(1), minimal(), LOCK_TIME_BYTES_MAX);
        require(sequence >= 0, ScriptError.NEGATIVE_LOCKTIME);
        if ((sequence & SEQUENCE_DISABLED) == 0) {
            require(checker.checkSequence(sequence), ScriptError.UNSATISFIED_LOCKTIME);
        }
    }

    private byte[] mayHash(byte[] data) {
        if (version == SigVersion.TAPSCRIPT && has(ScriptFlags.LIMITED_HASHING)) {
            // With what every hash adds to the end.
            int blocks = (data.length + HASH_END_BYTES) / HASH_BLOCK_BYTES + 1;
            require(context.takeHashing(blocks), ScriptError.TAPSCRIPT_HASHING);
        }
        return data;
    }

    private static byte[] hash(int opcode, byte[] data) {
        return switch (opcode) {
            case Opcode.OP_RIPEMD160 -> Ripemd160.hash(data);
            case Opcode.OP_SHA1 -> sha1(data);
            case Opcode.OP_SHA256 -> Sha256.hash(data);
            case Opcode.OP_HASH160 -> Hash160.hash(data);
            default -> Sha256.hashTwice(data);
        };
    }

    private static byte[] sha1(byte[] data) {
        return SHA1.get().digest(data);
    }

    private void checkSig(int opcode) {
        stack.require(2);
        boolean right = checkSignature(stack.top(2), stack.top(1));
        stack.drop(2);
        if (opcode == Opcode.OP_CHECKSIG) {
            stack.push(right);
        } else {
            require(right, ScriptError.CHECKSIGVERIFY);
        }
    }

    private void checkSigAdd() {
        require(version == SigVersion.TAPSCRIPT, ScriptError.BAD_OPCODE);
        stack.require(3);
        long number = ScriptNum.read(stack.top(2), minimal(), ScriptNum.BYTES_MAX);
        boolean right = checkSignature(stack.top(3), stack.top(1));
        stack.drop(3);
        stack.push(number + (right ? 1 : 0));
    }

    private boolean checkSignature(byte[] signature, byte[] key) {
        if (version == SigVersion.TAPSCRIPT) {
            return checkTapscript(signature, key);
        }
        byte[] code = without(signature, signedCode());
        boolean right = checkEcdsa(signature, key, code);
        require(
                right || signature.length == 0 || !has(ScriptFlags.NULLFAIL),
                ScriptError.SIG_NULLFAIL);
        return right;
    }

    private boolean checkTapscript(byte[] signature, byte[] key) {
        boolean signed = signature.length != 0;
        require(
                !signed || context.takeWeight(WEIGHT_PER_SIGNATURE),
                ScriptError.TAPSCRIPT_VALIDATION_WEIGHT);
        require(key.length != 0, ScriptError.PUBKEYTYPE);
        if (key.length != Sha256.BYTES) {
            // A key of a kind to come counts as having signed.
            require(
                    !has(ScriptFlags.DISCOURAGE_UPGRADABLE_PUBKEYTYPE),
                    ScriptError.DISCOURAGE_UPGRADABLE_PUBKEYTYPE);
        } else if (signed) {
            ScriptError error = checker.checkSchnorr(signature, key, version, context);
            require(error == ScriptError.OK, error);
        }
        return signed;
    }

    private boolean checkEcdsa(byte[] signature, byte[] key, byte[] code) {
        ScriptError error = SignatureEncoding.check(signature, flags);
        if (error == ScriptError.OK) {
            error = SignatureEncoding.checkKey(key, flags, version);
        }
        require(error == ScriptError.OK, error);
        return checker.checkEcdsa(signature, key, code, version);
    }

    private void checkMultiSig(int opcode) {
        require(version != SigVersion.TAPSCRIPT, ScriptError.TAPSCRIPT_CHECKMULTISIG);
        // Depths in the stack: number of keys, keys, number of signatures, signatures, one element
        // more.
        long keys = ScriptNum.read(stack.top(1), minimal(), ScriptNum.BYTES_MAX);
        require(keys >= 0 && keys <= MULTISIG_KEYS_MAX, ScriptError.PUBKEY_COUNT);
        int keyCount = (int) keys;
        ops += keyCount;
        require(ops <= OPS_MAX, ScriptError.OP_COUNT);
        int countAt = keyCount + 2;
        long signatures = ScriptNum.read(stack.top(countAt), minimal(), ScriptNum.BYTES_MAX);
        require(signatures >= 0 && signatures <= keys, ScriptError.SIG_COUNT);
        int signatureCount = (int) signatures;
        // Everything, the dummy below included, before anything is verified.
        stack.require(countAt + signatureCount + 1);
        boolean right = checkAll(keyCount, countAt + 1, signatureCount);
        if (!right && has(ScriptFlags.NULLFAIL)) {
            for (int i = 1; i <= signatureCount; i++) {
                require(stack.top(countAt + i).length == 0, ScriptError.SIG_NULLFAIL);
            }
        }
        stack.drop(countAt + signatureCount);
        // The operation has always taken one element too many.
        byte[] extra = stack.top(1);
        require(extra.length == 0 || !has(ScriptFlags.NULLDUMMY), ScriptError.SIG_NULLDUMMY);
        stack.drop(1);
        if (opcode == Opcode.OP_CHECKMULTISIG) {
            stack.push(right);
        } else {
            require(right, ScriptError.CHECKMULTISIGVERIFY);
        }
    }

    /// Whether each signature fits one of the keys, both in the same order.
    private boolean checkAll(int keyCount, int firstSignatureAt, int signatureCount) {
        byte[] code = signedCode();
        for (int i = 0; i < signatureCount; i++) {
            code = without(stack.top(firstSignatureAt + i), code);
        }
        int keyAt = 2;
        int signatureAt = firstSignatureAt;
        int keysLeft = keyCount;
        int signaturesLeft = signatureCount;
        while (signaturesLeft > 0) {
            if (signaturesLeft > keysLeft) {
                return false;
            }
            if (checkEcdsa(stack.top(signatureAt), stack.top(keyAt), code)) {
                signatureAt++;
                signaturesLeft--;
            }
            keyAt++;
            keysLeft--;
        }
        return true;
    }

    /// What of the script is signed; nobody changes it.
    private byte[] signedCode() {
        return signedFrom == 0 ? script : Arrays.copyOfRange(script, signedFrom, script.length);
    }

    /// Before segwit a signature is cut out of the script that it signs.
    private byte[] without(byte[] signature, byte[] code) {
        if (version != SigVersion.BASE || signature.length >= code.length) {
            // With its length in front it is longer than the code, and so not in it.
            return code;
        }
        byte[] left = cut(code, new ScriptBuilder().push(signature).build().toByteArray());
        require(
                left.length == code.length || !has(ScriptFlags.CONST_SCRIPTCODE),
                ScriptError.SIG_FINDANDDELETE);
        return left;
    }

    /// Cuts a pattern out wherever it begins where an operation begins, or right after another cut. Allocates
    /// nothing where there is nothing to cut: scripts can ask for this at every other byte.
    private static byte[] cut(byte[] code, byte[] pattern) {
        var reader = ScriptReader.of(code, 0);
        ByteArrayOutputStream left = null;
        int kept = 0;
        do {
            int at = reader.position();
            while (startsWith(code, reader.position(), pattern)) {
                reader.skip(pattern.length);
            }
            if (reader.position() > at) {
                left = left == null ? new ByteArrayOutputStream(code.length) : left;
                left.write(code, kept, at - kept);
                kept = reader.position();
            }
        } while (reader.next());
        if (left == null) {
            return code;
        }
        left.write(code, kept, code.length - kept);
        return left.toByteArray();
    }

    private static boolean startsWith(byte[] code, int at, byte[] pattern) {
        return code.length - at >= pattern.length
                && Arrays.equals(code, at, at + pattern.length, pattern, 0, pattern.length);
    }
}
