package weft.app.compare;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.primitives.Txid;

/// Short names of transactions and blocks, so that answers can be read and kept.
final class Names {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    private final Map<String, String> names = new HashMap<>();
    private final Map<String, Txid> txids = new HashMap<>();
    private final Map<String, String> blocks = new HashMap<>();
    private int count;

    Names() {}

    /// `#5` for a transaction; `#5w` for its hash with witnesses, which has a number of its own where
    /// another transaction has the same id.
    void add(Transaction tx) {
        String wtxid = tx.wtxid().toString();
        if (names.containsKey(wtxid)) {
            return;
        }
        String name = "#" + ++count;
        if (names.putIfAbsent(tx.txid().toString(), name) == null) {
            txids.put(name, tx.txid());
        }
        names.putIfAbsent(wtxid, name + "w");
    }

    /// `block5` for a block.
    void addBlock(String hash) {
        String name = "block" + (blocks.size() + 1);
        names.put(hash, name);
        blocks.put(name, hash);
    }

    /// The hash of a block.
    String block(String name) {
        return Check.present(blocks.get(name), "the block has a name");
    }

    /// A text with short names for hashes.
    String shorten(String text) {
        Matcher matcher = HASH.matcher(text);
        var out = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(out, names.getOrDefault(matcher.group(), matcher.group()));
        }
        return matcher.appendTail(out).toString();
    }

    /// The transaction of a name.
    @Nullable Txid txid(String name) {
        return txids.get(name);
    }
}
