package weft.app;

import java.util.List;
import java.util.Locale;
import weft.app.args.Args;
import weft.app.args.ArgsFault;

/// `-role`: what a node is for, as a short form of other options. It changes which services are offered,
/// which threads run and which ports are open, and no rule of the chain, the mempool or the relay.
///
/// | role | stands for |
/// |---|---|
/// | `full` | all blocks are kept; no mining |
/// | `pruned` | `-prune=550`; no mining |
/// | `miner` | `-stratum=3333`, unless `-stratum` or `-minewhenmempool` says how blocks are made |
/// | `spv` | headers alone: no blocks, no mempool, no services; see [LightArgs] |
///
/// Without `-role` a node has the role that its other options make.
enum NodeRole {
    FULL,
    PRUNED,
    MINER,
    SPV;

    private static final String OPTION = "role";
    private static final String PRUNE = "prune";
    private static final String STRATUM = "stratum";
    private static final String STRATUM_PORT = "3333";
    private static final String PRUNE_MIB = "550";
    private static final List<String> MINING = List.of(STRATUM, "minewhenmempool");

    /// As users write it, and as `getnetworkinfo` shows it.
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The role that options ask for, or make; options that it stands for are set from now on.
    ///
    /// @throws ArgsFault for an unknown role, and for options that contradict it
    static NodeRole apply(Args args) {
        boolean mines = MINING.stream().anyMatch(name -> isOn(args, name));
        boolean prunes = args.number(PRUNE, 0) > 0;
        if (!args.isSet(OPTION) || args.isNegated(OPTION)) {
            if (mines) {
                return MINER;
            }
            return prunes ? PRUNED : FULL;
        }
        NodeRole role = parse(args.text(OPTION).orElse(""));
        if (role == SPV) {
            LightArgs.refuse(args);
            // BIP-0324 is offered as a service.
            args.imply("v2transport", "0");
            return role;
        }
        if (role != MINER && mines) {
            throw new ArgsFault(
                    "-role=" + role.text() + " does not mine: -" + first(args) + " is for miners");
        }
        if (role == FULL && prunes) {
            throw new ArgsFault("-role=full keeps all blocks: -prune is for -role=pruned");
        }
        if (role == PRUNED && args.isSet(PRUNE) && !prunes) {
            throw new ArgsFault(
                    "-role=pruned deletes old blocks: it needs -prune, or no word of it");
        }
        if (role == PRUNED) {
            args.imply(PRUNE, PRUNE_MIB);
        } else if (role == MINER && !mines) {
            if (args.isSet(STRATUM)) {
                throw new ArgsFault("-role=miner needs -stratum or -minewhenmempool");
            }
            args.imply(STRATUM, STRATUM_PORT);
        }
        return role;
    }

    private static NodeRole parse(String text) {
        for (NodeRole role : values()) {
            if (role.text().equals(text)) {
                return role;
            }
        }
        throw new ArgsFault("-role must be full, pruned, miner or spv: " + text);
    }

    private static String first(Args args) {
        return MINING.stream().filter(name -> isOn(args, name)).findFirst().orElse(STRATUM);
    }

    private static boolean isOn(Args args, String name) {
        return args.isSet(name) && !args.isNegated(name);
    }
}
