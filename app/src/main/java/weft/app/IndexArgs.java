package weft.app;

import java.util.List;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.node.IndexOptions;

/// From options to the indexes that the node keeps.
final class IndexArgs {
    private static final String FILTERS = "blockfilterindex";

    private IndexArgs() {}

    /// The indexes that are asked for.
    ///
    /// @param cacheBytes memory for each of their databases
    /// @throws ArgsFault for a filter that is not known
    static IndexOptions options(Args args, long cacheBytes) {
        return new IndexOptions(
                args.flag("txindex", false),
                hasFilters(args),
                args.flag("coinstatsindex", false),
                args.flag("addressindex", false),
                cacheBytes);
    }

    /// `-blockfilterindex` alone or with 1 means all types; else types are named.
    private static boolean hasFilters(Args args) {
        List<String> names = args.list(FILTERS);
        if (!args.isSet(FILTERS) || args.isNegated(FILTERS) || names.isEmpty()) {
            return false;
        }
        String last = args.text(FILTERS).orElse("");
        if (last.isEmpty() || last.equals("1")) {
            return true;
        }
        if (last.equals("0")) {
            return false;
        }
        for (String name : names) {
            if (!name.equals("basic")) {
                throw new ArgsFault("Unknown -blockfilterindex value " + name + ".");
            }
        }
        return true;
    }

    /// Whether filters are served to peers. See BIP-0157.
    ///
    /// @throws ArgsFault if there are none to serve
    static boolean servesFilters(Args args) {
        boolean serves = args.flag("peerblockfilters", false);
        if (serves && !hasFilters(args)) {
            throw new ArgsFault("Cannot set -peerblockfilters without -blockfilterindex.");
        }
        return serves;
    }
}
