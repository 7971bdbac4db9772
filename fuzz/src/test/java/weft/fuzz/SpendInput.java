package weft.fuzz;

import java.util.ArrayList;
import java.util.List;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.Taproot;
import weft.crypto.Hash160;
import weft.crypto.Secp256k1;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// A spend as fuzzers write it: a few numbers, two scripts, a witness.
///
/// @param flags script rules in force
/// @param otherFlags rules that are added to them, or taken away
/// @param form how the second script is wrapped
/// @param realSignatures whether the curve judges signatures
/// @param fields version, lock time, sequence and amount
record SpendInput(
        int flags,
        int otherFlags,
        Form form,
        boolean realSignatures,
        Fields fields,
        Bytes scriptSig,
        Bytes script,
        Witness witness) {
    /// How a script is wrapped, so that no fuzzer must guess a hash.
    enum Form {
        BARE,
        P2SH,
        P2WSH,
        P2SH_P2WSH,
        TAPSCRIPT
    }

    /// Numbers that a spend signs or compares.
    record Fields(long version, long lockTime, long sequence, long amount) {}

    private static final int ALL_FLAGS = (1 << 21) - 1;
    private static final byte[] INTERNAL_KEY =
            Bytes.parse("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
                    .toByteArray();
    private static final Txid PREVIOUS = Txid.of(Sha256.hash(new byte[] {1}));

    static SpendInput read(ByteReader in) {
        int flags = closed(in.i32());
        int otherFlags = in.i32() & ALL_FLAGS;
        int mode = in.u8();
        Form[] forms = Form.values();
        return new SpendInput(
                flags,
                otherFlags,
                forms[(mode >>> 1) % forms.length],
                (mode & 1) != 0,
                new Fields(in.u32(), in.u32(), in.u32(), in.i64()),
                in.varBytes(),
                in.varBytes(),
                Witness.read(in));
    }

    byte[] toByteArray() {
        var out = new ByteWriter();
        out.i32(flags).i32(otherFlags).u8(form.ordinal() << 1 | (realSignatures ? 1 : 0));
        out.u32(fields.version).u32(fields.lockTime).u32(fields.sequence).i64(fields.amount);
        out.varBytes(scriptSig).varBytes(script);
        witness.write(out);
        return out.toByteArray();
    }

    /// A set of flags that the interpreter takes: WITNESS only with P2SH, CLEANSTACK only with both.
    static int closed(int flags) {
        int closed = flags & ALL_FLAGS;
        if ((closed & ScriptFlags.P2SH) == 0) {
            closed &= ~ScriptFlags.WITNESS;
        }
        if ((closed & ScriptFlags.WITNESS) == 0) {
            closed &= ~(ScriptFlags.CLEANSTACK | ScriptFlags.TAPROOT);
        }
        return closed;
    }

    private Bytes p2wsh() {
        return new ScriptBuilder().op(Opcode.OP_0).push(Sha256.hash(script.toByteArray())).build();
    }

    private static Bytes p2sh(Bytes redeemScript) {
        return new ScriptBuilder()
                .op(Opcode.OP_HASH160)
                .push(Hash160.hash(redeemScript.toByteArray()))
                .op(Opcode.OP_EQUAL)
                .build();
    }

    private byte[] taprootKey() {
        byte[] leaf = Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, script);
        return Secp256k1.get()
                .xOnlyTweakAdd(INTERNAL_KEY, Taproot.tweak(INTERNAL_KEY, leaf))
                .orElseThrow();
    }

    private Witness witnessPlus(Bytes... more) {
        List<Bytes> items = new ArrayList<>(witness.items());
        items.addAll(List.of(more));
        return new Witness(items);
    }

    /// The transaction and the output that its only input spends.
    Spend spend() {
        return switch (form) {
            case BARE -> spend(scriptSig, script, witness);
            case P2SH ->
                    spend(
                            new ScriptBuilder().raw(scriptSig).push(script).build(),
                            p2sh(script),
                            witness);
            case P2WSH -> spend(scriptSig, p2wsh(), witnessPlus(script));
            case P2SH_P2WSH ->
                    spend(
                            new ScriptBuilder().push(p2wsh()).build(),
                            p2sh(p2wsh()),
                            witnessPlus(script));
            case TAPSCRIPT -> {
                byte[] key = taprootKey();
                Bytes control =
                        Bytes.wrap(new byte[] {(byte) (Taproot.LEAF_TAPSCRIPT | (key[0] & 1))})
                                .plus(Bytes.wrap(INTERNAL_KEY));
                Bytes output =
                        new ScriptBuilder().op(Opcode.OP_1).push(Bytes.wrap(key).from(1)).build();
                yield spend(scriptSig, output, witnessPlus(script, control));
            }
        };
    }

    private Spend spend(Bytes unlocking, Bytes locking, Witness stack) {
        var input = new TxIn(new OutPoint(PREVIOUS, 0), unlocking, fields.sequence);
        var tx =
                Transaction.of(
                        fields.version,
                        List.of(input),
                        List.of(new TxOut(fields.amount, Bytes.EMPTY)),
                        List.of(stack),
                        fields.lockTime);
        return new Spend(tx, new TxOut(fields.amount, locking));
    }

    /// A transaction with one input, and what that spends.
    record Spend(Transaction tx, TxOut spent) {}
}
