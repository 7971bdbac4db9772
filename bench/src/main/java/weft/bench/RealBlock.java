package weft.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import weft.chain.ScriptCheck;
import weft.consensus.BlockScriptFlags;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;

/// A block of a public network out of the folder of vectors (`-Dweft.vectors=DIR`).
record RealBlock(Network network, int height, Bytes bytes) {
    /// The block that Bitcoin Core's benchmarks use.
    static final String OF_CORE = "mainnet/413567";

    /// Reads a block.
    ///
    /// @param name network and height: `mainnet/413567`
    static RealBlock of(String name) {
        String[] parts = name.split("/", -1);
        Network network = parts[0].equals("mainnet") ? Network.MAIN : Network.TESTNET3;
        return new RealBlock(network, Integer.parseInt(parts[1]), Bytes.wrap(read(name, "blk")));
    }

    private static byte[] read(String name, String ending) {
        String[] parts = name.split("/", -1);
        String file =
                String.format(
                        Locale.ROOT, "%s/%07d.%s", parts[0], Integer.parseInt(parts[1]), ending);
        try {
            String vectors = System.getProperty("weft.vectors", "../shared/vectors");
            return Files.readAllBytes(Path.of(vectors, "blocks").resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The block, decoded anew.
    Block decode() {
        return Block.read(ByteReader.of(bytes.backingArray()));
    }

    /// The checks of all its inputs, with the outputs that lie beside it.
    List<ScriptCheck> checks() {
        Block block = decode();
        int flags = BlockScriptFlags.of(block.hash(), height, ChainParams.of(network));
        String folder = network == Network.MAIN ? "mainnet/" : "testnet3/";
        ByteReader in = ByteReader.of(read(folder + height, "spent"));
        List<ScriptCheck> checks = new ArrayList<>();
        for (Transaction tx : block.transactions()) {
            if (tx.isCoinbase()) {
                continue;
            }
            List<TxOut> spent = new ArrayList<>();
            tx.inputs().forEach(input -> spent.add(TxOut.read(in)));
            for (int i = 0; i < spent.size(); i++) {
                checks.add(new ScriptCheck(tx, i, List.copyOf(spent), flags));
            }
        }
        in.expectEnd();
        return checks;
    }
}
