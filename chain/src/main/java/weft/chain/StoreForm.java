package weft.chain;

import java.nio.charset.StandardCharsets;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.Bytes;

/// The form in which block index and coins are kept, as a number in the store: a program that knows another
/// form must not touch what it would not understand.
final class StoreForm {
    /// To be raised with every change that an older program could misread.
    static final int CURRENT = 1;

    static final Bytes KEY = Bytes.wrap("form".getBytes(StandardCharsets.ISO_8859_1));

    private StoreForm() {}

    /// Makes sure that the store is of our form; one without a number is of the first.
    ///
    /// @throws StoreException if it is not; nothing was written then
    static void check(KeyValueStore store) {
        Bytes value = store.get(KEY);
        if (value == null) {
            store.write(new Batch().put(KEY, Bytes.wrap(new byte[] {CURRENT})).sync());
        } else if (value.length() != 1 || value.at(0) != CURRENT) {
            throw new StoreException(
                    "The block database was written by another version of this program (form "
                            + value.toHex()
                            + ", not "
                            + Bytes.wrap(new byte[] {CURRENT}).toHex()
                            + "). Use that version, or restart with -reindex to build it anew.");
        }
    }
}
