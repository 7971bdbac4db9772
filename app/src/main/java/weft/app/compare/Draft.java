package weft.app.compare;

import java.util.ArrayList;
import java.util.List;
import weft.app.compare.Flaw.Unlock;
import weft.consensus.script.ExecutionContext;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.SigHash;
import weft.consensus.script.SigVersion;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.codec.ByteWriter;

/// A transaction that is being made: everything may be as nobody would make it.
final class Draft {
    /// Of inputs that may be replaced and have no relative lock time.
    static final long REPLACEABLE = 0xffff_fffdL;

    private record Input(KnownCoin coin, long sequence, Flaw flaw) {}

    private final Keys keys;
    private final List<Input> inputs = new ArrayList<>();
    private final List<TxOut> outputs = new ArrayList<>();
    private final List<Lock> locks = new ArrayList<>();
    long version = 2;
    long lockTime;

    Draft(Keys keys) {
        this.keys = keys;
    }

    Draft version(long number) {
        version = number;
        return this;
    }

    Draft lockTime(long time) {
        lockTime = time;
        return this;
    }

    Draft spend(KnownCoin coin) {
        return spend(coin, REPLACEABLE, Flaw.NONE);
    }

    Draft spend(KnownCoin coin, long sequence, Flaw flaw) {
        inputs.add(new Input(coin, sequence, flaw));
        return this;
    }

    Draft pay(long value, Lock lock) {
        return payScript(value, lock.scriptPubKey(keys), lock);
    }

    /// Pays to a script that we may know no opening for: `lock` is then any.
    Draft payScript(long value, Bytes script, Lock lock) {
        outputs.add(new TxOut(value, script));
        locks.add(lock);
        return this;
    }

    long valueIn() {
        return inputs.stream().mapToLong(input -> input.coin.value()).sum();
    }

    long valueOut() {
        return outputs.stream().mapToLong(TxOut::value).sum();
    }

    int outputs() {
        return outputs.size();
    }

    List<Lock> locks() {
        return List.copyOf(locks);
    }

    /// Gives the last output what the others and a fee leave.
    Draft changeTo(Lock lock, long fee) {
        return pay(valueIn() - valueOut() - fee, lock);
    }

    /// The same with a rate: the last output gets what is left.
    ///
    /// @param perKvb satoshis for a thousand virtual bytes
    Draft changeAtRate(Lock lock, long perKvb) {
        long vsize = vsizeWith(lock);
        // Signatures of other values have the same length, but for one byte in a few.
        return changeTo(lock, Math.ceilDiv(vsize * perKvb, 1_000L) + (perKvb > 0 ? 2 : 0));
    }

    /// The virtual size with one more output.
    long vsizeWith(Lock lock) {
        pay(0, lock);
        long vsize = sign().vsize();
        outputs.removeLast();
        locks.removeLast();
        return vsize;
    }

    /// The outputs as coins, once the transaction is known.
    List<KnownCoin> coins(Transaction tx, int height) {
        var coins = new ArrayList<KnownCoin>();
        for (int i = 0; i < outputs.size(); i++) {
            var outPoint = new weft.primitives.OutPoint(tx.txid(), i);
            coins.add(new KnownCoin(outPoint, outputs.get(i), locks.get(i), height));
        }
        return coins;
    }

    /// With signatures.
    Transaction sign() {
        List<TxIn> bare =
                inputs.stream()
                        .map(in -> new TxIn(in.coin.outPoint(), Bytes.EMPTY, in.sequence))
                        .toList();
        Transaction unsigned = Transaction.of(version, bare, outputs, List.of(), lockTime);
        if (inputs.isEmpty()) {
            return unsigned;
        }
        var shared =
                PrecomputedTxHashes.forSigning(
                        unsigned, inputs.stream().map(input -> input.coin.output()).toList());
        var signed = new ArrayList<TxIn>();
        var witnesses = new ArrayList<Witness>();
        for (int i = 0; i < inputs.size(); i++) {
            Unlock unlock = unlock(shared, i);
            TxIn input = bare.get(i);
            signed.add(new TxIn(input.prevout(), unlock.scriptSig(), input.sequence()));
            witnesses.add(new Witness(unlock.witness()));
        }
        return Transaction.of(version, signed, outputs, witnesses, lockTime);
    }

    private Unlock unlock(PrecomputedTxHashes shared, int index) {
        Input input = inputs.get(index);
        Lock lock = input.coin.lock();
        Flaw flaw = input.flaw;
        List<Bytes> items = new ArrayList<>();
        for (Lock.Item item : lock.opening()) {
            items.add(item.signer() < 0 ? item.data() : signature(shared, index, item.signer()));
        }
        items = new ArrayList<>(flaw.items().apply(items));
        var witness = new ArrayList<Bytes>();
        var script = new ScriptBuilder();
        switch (lock.place()) {
            case BARE -> pushAll(script, items);
            case P2SH -> pushAll(script, items).push(lock.script());
            case P2WPKH, PROGRAM, TAPROOT_KEY -> witness.addAll(items);
            case P2SH_P2WPKH -> {
                witness.addAll(items);
                script.push(lock.redeemScript());
            }
            case P2WSH -> {
                witness.addAll(items);
                witness.add(lock.script());
            }
            case P2SH_P2WSH -> {
                witness.addAll(items);
                witness.add(lock.script());
                script.push(lock.redeemScript());
            }
            case TAPSCRIPT -> {
                witness.addAll(items);
                witness.add(lock.script());
                witness.add(lock.control(keys));
            }
        }
        if (flaw.annex() != null) {
            witness.add(flaw.annex());
        }
        return flaw.unlock().apply(new Unlock(script.build(), List.copyOf(witness)));
    }

    private static ScriptBuilder pushAll(ScriptBuilder script, List<Bytes> items) {
        for (Bytes item : items) {
            boolean isSmall = item.length() == 1 && item.at(0) >= 1 && item.at(0) <= 16;
            if (item.isEmpty() || isSmall) {
                script.number(item.isEmpty() ? 0 : item.at(0));
            } else if (item.length() == 1 && item.at(0) == 0x81) {
                script.number(-1);
            } else {
                script.push(item);
            }
        }
        return script;
    }

    private Bytes signature(PrecomputedTxHashes shared, int index, int signer) {
        Input input = inputs.get(index);
        Lock lock = input.coin.lock();
        int type = input.flaw.hashType(lock.place());
        Bytes mark = Bytes.wrap(new byte[] {(byte) type});
        byte[] code = lock.script().toByteArray();
        return switch (lock.place()) {
            case BARE, P2SH ->
                    keys.ecdsa(signer, SigHash.legacy(shared.tx(), index, code, type)).plus(mark);
            case P2WPKH, P2SH_P2WPKH, P2WSH, P2SH_P2WSH ->
                    keys.ecdsa(
                                    signer,
                                    SigHash.witnessV0(
                                            shared, index, code, input.coin.value(), type))
                            .plus(mark);
            case TAPROOT_KEY, TAPSCRIPT, PROGRAM -> {
                byte[] digest = taprootDigest(shared, index, type);
                Bytes bare =
                        lock.place() == Lock.Place.TAPROOT_KEY
                                ? keys.schnorrTweaked(signer, digest)
                                : keys.schnorr(signer, digest);
                yield type == SigHash.DEFAULT ? bare : bare.plus(mark);
            }
        };
    }

    private byte[] taprootDigest(PrecomputedTxHashes shared, int index, int type) {
        Input input = inputs.get(index);
        Lock lock = input.coin.lock();
        Bytes annex = input.flaw.annex();
        byte[] annexHash = null;
        if (annex != null) {
            annexHash =
                    Sha256.hash(new ByteWriter(annex.length() + 5).varBytes(annex).toByteArray());
        }
        boolean isScript = lock.place() == Lock.Place.TAPSCRIPT;
        byte[] digest =
                SigHash.taproot(
                        shared,
                        index,
                        type,
                        isScript ? SigVersion.TAPSCRIPT : SigVersion.TAPROOT,
                        isScript
                                ? new ExecutionContext(annexHash, lock.leafHash())
                                : new ExecutionContext(annexHash));
        return digest == null ? new byte[32] : digest;
    }
}
