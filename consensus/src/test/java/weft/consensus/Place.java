package weft.consensus;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;

/// A byte of an input's scriptSig or witness in a real block.
///
/// @param tx index in the block
/// @param input index in the transaction
/// @param item of the witness; -1 for the scriptSig
/// @param at index in the scriptSig or item
record Place(SpentBlock block, int tx, int input, int item, int at) {
    /// A place that is as likely as any other in a random input of the block; none where it has no bytes.
    static List<Place> any(SpentBlock block, SplittableRandom random) {
        int tx = 1 + random.nextInt(block.spent().size() - 1);
        Transaction whole = block.block().transactions().get(tx);
        int input = random.nextInt(whole.inputs().size());
        List<Place> all = new ArrayList<>();
        for (int i = 0; i < whole.inputs().get(input).scriptSig().length(); i++) {
            all.add(new Place(block, tx, input, -1, i));
        }
        List<Bytes> items = whole.witness(input).items();
        for (int item = 0; item < items.size(); item++) {
            for (int i = 0; i < items.get(item).length(); i++) {
                all.add(new Place(block, tx, input, item, i));
            }
        }
        return all.isEmpty() ? List.of() : List.of(all.get(random.nextInt(all.size())));
    }

    /// Every byte of a signature that the input shows, wherever it stands.
    List<Place> of(Bytes signature) {
        List<Place> all = new ArrayList<>();
        for (int item = -1; item < transaction().witness(input).items().size(); item++) {
            Bytes bytes = new Place(block, tx, input, item, 0).bytes();
            for (int i = 0; i + signature.length() <= bytes.length(); i++) {
                if (bytes.slice(i, signature.length()).equals(signature)) {
                    for (int k = 0; k < signature.length(); k++) {
                        all.add(new Place(block, tx, input, item, i + k));
                    }
                }
            }
        }
        return all;
    }

    Transaction transaction() {
        return block.block().transactions().get(tx);
    }

    List<TxOut> spent() {
        return block.spent().get(tx);
    }

    Bytes bytes() {
        return item < 0
                ? transaction().inputs().get(input).scriptSig()
                : transaction().witness(input).items().get(item);
    }

    /// The input as it is in the block.
    SignedSpend run() {
        return SignedSpend.run(transaction(), spent(), input, block.flags());
    }

    /// The transaction with another byte here.
    Transaction with(int value) {
        byte[] copy = bytes().toByteArray();
        copy[at] = (byte) value;
        Bytes instead = Bytes.wrap(copy);
        Transaction old = transaction();
        List<TxIn> inputs = new ArrayList<>(old.inputs());
        List<Witness> witnesses = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            witnesses.add(old.witness(i));
        }
        if (item < 0) {
            TxIn in = inputs.get(input);
            inputs.set(input, new TxIn(in.prevout(), instead, in.sequence()));
        } else {
            List<Bytes> items = new ArrayList<>(old.witness(input).items());
            items.set(item, instead);
            witnesses.set(input, new Witness(items));
        }
        return Transaction.of(old.version(), inputs, old.outputs(), witnesses, old.lockTime());
    }

    /// A value that is not there now.
    int other(SplittableRandom random) {
        return bytes().at(at) ^ (1 + random.nextInt(255));
    }

    @Override
    public String toString() {
        String where = item < 0 ? "scriptSig" : "witness " + item;
        return block.name()
                + " "
                + transaction().txid()
                + ":"
                + input
                + " "
                + where
                + " byte "
                + at;
    }
}
