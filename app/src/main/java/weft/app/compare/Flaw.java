package weft.app.compare;

import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.SigHash;
import weft.primitives.Bytes;

/// How the opening of a coin differs from what it should be.
///
/// @param hashType of signatures; −1 for the usual one of the place
/// @param items changes what the script gets, signatures with their hash types
/// @param unlock changes script and witness as they stand in the input
/// @param annex of taproot; null for none
record Flaw(
        String name,
        int hashType,
        UnaryOperator<List<Bytes>> items,
        UnaryOperator<Unlock> unlock,
        @Nullable Bytes annex) {
    /// As it should be.
    static final Flaw NONE = new Flaw("", -1, items -> items, unlock -> unlock, null);

    /// What stands in an input.
    record Unlock(Bytes scriptSig, List<Bytes> witness) {}

    static Flaw ofType(String name, int hashType) {
        return new Flaw(name, hashType, items -> items, unlock -> unlock, null);
    }

    static Flaw ofItems(String name, UnaryOperator<List<Bytes>> change) {
        return new Flaw(name, -1, change, unlock -> unlock, null);
    }

    static Flaw ofUnlock(String name, UnaryOperator<Unlock> change) {
        return new Flaw(name, -1, items -> items, change, null);
    }

    static Flaw ofAnnex(String name, Bytes annex) {
        return new Flaw(name, -1, items -> items, unlock -> unlock, annex);
    }

    int hashType(Lock.Place place) {
        return hashType >= 0 ? hashType : place.isTaproot() ? SigHash.DEFAULT : SigHash.ALL;
    }
}
