package weft.app.vectors;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import weft.chain.ChainOptions;
import weft.chain.ChainRules;
import weft.chain.ChainState;
import weft.chain.ChainStores;
import weft.chain.ConsensusRules;
import weft.chain.InlineScriptVerifier;
import weft.chain.SubmitResult;
import weft.chain.api.ChainCommand;
import weft.chain.api.Origin;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;

/// Blocks through the engine that a node has, with its stores in memory and every script checked.
final class Replay {
    private Replay() {}

    /// An engine at genesis. Checkpoints are off: a run may be another chain than the network's.
    static ChainState start(ChainParams params) {
        return start(new ConsensusRules(params, false));
    }

    /// An engine at genesis, with rules of its own.
    static ChainState start(ChainRules rules) {
        var stores = new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore());
        var scripts = new InlineScriptVerifier();
        var state =
                new ChainState(rules, ChainOptions.DEFAULT, stores, scripts, event -> {}, Log.NONE);
        state.start(HeaderVectors.LATE);
        return state;
    }

    /// Hands over a block that must be valid.
    static void submit(ChainState state, Block block) {
        var command = new ChainCommand.SubmitBlock(Origin.SELF, block, true);
        SubmitResult result = state.submitBlock(command, HeaderVectors.LATE);
        if (result.failure().isPresent()) {
            throw new Mismatch("block " + block.hash() + " fails: " + result.failure().get());
        }
    }

    /// Blocks with magic and length before each.
    ///
    /// @throws MalformedBytes if a length is not that of its block
    static List<Block> blocks(VectorFile file, Bytes magic) {
        var blocks = new ArrayList<Block>();
        ByteReader in = file.reader();
        while (!in.isAtEnd()) {
            if (!in.slice(magic.length()).equals(magic)) {
                throw new MalformedBytes("another magic before block " + blocks.size());
            }
            int length = in.i32();
            int begin = in.position();
            blocks.add(Block.read(in));
            if (in.position() - begin != length) {
                throw new MalformedBytes("wrong length before block " + (blocks.size() - 1));
            }
        }
        return blocks;
    }

    /// The rules of a network, but coinbases mature at once.
    static ChainRules maturingAtOnce(ChainParams params) {
        var real = new ConsensusRules(params, false);
        return (ChainRules)
                Proxy.newProxyInstance(
                        ChainRules.class.getClassLoader(),
                        new Class<?>[] {ChainRules.class},
                        (proxy, method, args) -> {
                            if (method.getName().equals("checkInputs")) {
                                var coins = new ArrayList<Coin>();
                                for (Object each : (List<?>) args[1]) {
                                    var coin = (Coin) each;
                                    coins.add(new Coin(coin.out(), coin.height(), false));
                                }
                                return real.checkInputs(
                                        (Transaction) args[0], coins, (int) args[2]);
                            }
                            try {
                                return method.invoke(real, args);
                            } catch (InvocationTargetException e) {
                                throw e.getCause() == null ? e : e.getCause();
                            }
                        });
    }
}
