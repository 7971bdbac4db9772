package weft.wallet.miniscript;

import static weft.consensus.script.Opcode.*;

import java.util.List;
import java.util.function.Function;
import weft.consensus.script.ScriptBuilder;
import weft.primitives.Bytes;

/// Writes the scripts of expressions.
///
/// @param key the bytes of a key
/// @param hash the hash of a key
record MiniscriptScript<K>(Function<K, Bytes> key, Function<K, Bytes> hash) {
    private static final int PREIMAGE_BYTES = 32;

    Bytes of(Miniscript<K> whole) {
        // The state: whether the last operation shall be in its VERIFY form.
        return whole.fold(
                false,
                (Boolean verify, Miniscript<K> node, int index) ->
                        switch (node.fragment()) {
                            case WRAP_V -> true;
                            case WRAP_S -> verify;
                            case AND_V -> index == 1 && verify;
                            default -> false;
                        },
                this::write);
    }

    private Bytes write(Boolean verify, Miniscript<K> node, List<Bytes> inner) {
        Bytes x = inner.isEmpty() ? Bytes.EMPTY : inner.get(0);
        int equal = verify ? OP_EQUALVERIFY : OP_EQUAL;
        var out = new ScriptBuilder();
        switch (node.fragment()) {
            case JUST_0 -> out.op(OP_0);
            case JUST_1 -> out.op(OP_1);
            case PK_K -> out.push(bytes(node, 0));
            case PK_H ->
                    out.op(OP_DUP)
                            .op(OP_HASH160)
                            .push(hash.apply(node.parts().keys().getFirst()))
                            .op(OP_EQUALVERIFY);
            case OLDER -> out.number(node.parts().k()).op(OP_CHECKSEQUENCEVERIFY);
            case AFTER -> out.number(node.parts().k()).op(OP_CHECKLOCKTIMEVERIFY);
            case SHA256 -> hashed(out, node, OP_SHA256, equal);
            case HASH256 -> hashed(out, node, OP_HASH256, equal);
            case RIPEMD160 -> hashed(out, node, OP_RIPEMD160, equal);
            case HASH160 -> hashed(out, node, OP_HASH160, equal);
            case WRAP_A -> out.op(OP_TOALTSTACK).raw(x).op(OP_FROMALTSTACK);
            case WRAP_S -> out.op(OP_SWAP).raw(x);
            case WRAP_C -> out.raw(x).op(verify ? OP_CHECKSIGVERIFY : OP_CHECKSIG);
            case WRAP_D -> out.op(OP_DUP).op(OP_IF).raw(x).op(OP_ENDIF);
            case WRAP_V -> {
                out.raw(x);
                if (node.sub(0).has("x")) {
                    out.op(OP_VERIFY);
                }
            }
            case WRAP_J -> out.op(OP_SIZE).op(OP_0NOTEQUAL).op(OP_IF).raw(x).op(OP_ENDIF);
            case WRAP_N -> out.raw(x).op(OP_0NOTEQUAL);
            case MULTI -> multi(out, node, verify);
            case MULTI_A -> multiA(out, node, verify);
            case THRESH -> {
                out.raw(x);
                inner.subList(1, inner.size()).forEach(each -> out.raw(each).op(OP_ADD));
                out.number(node.parts().k()).op(equal);
            }
            default -> several(out, node.fragment(), inner);
        }
        return out.build();
    }

    private static void several(ScriptBuilder out, Fragment fragment, List<Bytes> inner) {
        Bytes x = inner.get(0);
        Bytes y = inner.get(1);
        switch (fragment) {
            case AND_V -> out.raw(x).raw(y);
            case AND_B -> out.raw(x).raw(y).op(OP_BOOLAND);
            case OR_B -> out.raw(x).raw(y).op(OP_BOOLOR);
            case OR_C -> out.raw(x).op(OP_NOTIF).raw(y).op(OP_ENDIF);
            case OR_D -> out.raw(x).op(OP_IFDUP).op(OP_NOTIF).raw(y).op(OP_ENDIF);
            case OR_I -> out.op(OP_IF).raw(x).op(OP_ELSE).raw(y).op(OP_ENDIF);
            default -> out.raw(x).op(OP_NOTIF).raw(inner.get(2)).op(OP_ELSE).raw(y).op(OP_ENDIF);
        }
    }

    private Bytes bytes(Miniscript<K> node, int index) {
        return key.apply(node.parts().keys().get(index));
    }

    private static void hashed(ScriptBuilder out, Miniscript<?> node, int opcode, int equal) {
        out.op(OP_SIZE).number(PREIMAGE_BYTES).op(OP_EQUALVERIFY);
        out.op(opcode).push(node.parts().data()).op(equal);
    }

    private void multi(ScriptBuilder out, Miniscript<K> node, boolean verify) {
        int count = node.parts().keys().size();
        out.number(node.parts().k());
        for (int i = 0; i < count; i++) {
            out.push(bytes(node, i));
        }
        out.number(count).op(verify ? OP_CHECKMULTISIGVERIFY : OP_CHECKMULTISIG);
    }

    private void multiA(ScriptBuilder out, Miniscript<K> node, boolean verify) {
        for (int i = 0; i < node.parts().keys().size(); i++) {
            out.push(bytes(node, i)).op(i == 0 ? OP_CHECKSIG : OP_CHECKSIGADD);
        }
        out.number(node.parts().k()).op(verify ? OP_NUMEQUALVERIFY : OP_NUMEQUAL);
    }
}
