package weft.chain;

import java.util.List;
import weft.primitives.Transaction;
import weft.primitives.TxOut;

/// The script of one input that is to be run.
///
/// @param tx the spending transaction; checks of one transaction share the object
/// @param input number of the input
/// @param spent the outputs that the transaction spends, one for each input; shared as well
/// @param flags of the interpreter, as Core numbers them
public record ScriptCheck(Transaction tx, int input, List<TxOut> spent, int flags) {}
