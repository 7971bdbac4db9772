package weft.app.mine;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import weft.consensus.MerkleRoot;
import weft.consensus.SignetSolution;
import weft.consensus.WitnessCommitment;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.SigHash;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.address.PrivateKey;
import weft.primitives.codec.ByteWriter;
import weft.wallet.sign.SigningProvider;
import weft.wallet.sign.TxSigner;

/// Signs blocks of a signet with one key. The signature covers all of a block but its nonce, so each extra
/// nonce and each time needs another. See BIP-0325.
final class SignetSeal {
    private static final int SECRET_DIGITS = 64;

    private final Bytes challenge;
    private final SigningProvider keys = new SigningProvider();

    /// @param challenge script that the signature must satisfy
    SignetSeal(Bytes challenge, PrivateKey key) {
        this.challenge = challenge;
        keys.addPrivateKey(key);
    }

    /// Reads a key: wallet import format, or 64 hexadecimal digits for a key with a compressed public key.
    ///
    /// @throws IllegalArgumentException if the text is neither; it does not repeat the text
    static PrivateKey key(String text, AddressPrefixes prefixes) {
        if (text.length() == SECRET_DIGITS && text.chars().allMatch(HexFormat::isHexDigit)) {
            return PrivateKey.of(Bytes.parse(text), true);
        }
        return PrivateKey.parse(text, prefixes)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "the key is neither in wallet import format of this network"
                                                + " nor 64 hexadecimal digits"));
    }

    /// A block with its solution. The header's nonce does not matter, the Merkle root changes.
    ///
    /// @param block with a witness commitment, without a solution
    /// @throws IllegalArgumentException if the key does not satisfy the challenge
    Block seal(Block block) {
        // An empty place for the solution is signed too.
        Block open = withPush(block, SignetSolution.HEADER);
        SignetSolution.Spend spend =
                Check.present(
                        SignetSolution.of(open, challenge), "a block of signet has a commitment");
        Transaction unsigned = spend.toSign();
        Map<OutPoint, TxOut> coins =
                Map.of(
                        unsigned.inputs().getFirst().prevout(),
                        spend.toSpend().outputs().getFirst());
        TxSigner.Result signed = TxSigner.sign(unsigned, keys, coins, SigHash.ALL);
        if (!signed.errors().isEmpty()) {
            throw new IllegalArgumentException(
                    "the key does not solve the challenge of this signet ("
                            + challenge.toHex()
                            + ")");
        }
        var solution = new ByteWriter().bytes(SignetSolution.HEADER);
        solution.varBytes(signed.tx().inputs().getFirst().scriptSig());
        signed.tx().witness(0).write(solution);
        return withPush(block, solution.toBytes());
    }

    private static Block withPush(Block block, Bytes push) {
        Transaction coinbase = block.transactions().getFirst();
        int index = WitnessCommitment.indexIn(coinbase);
        Check.argument(index >= 0, "a block of signet commits to its witnesses");
        var outputs = new ArrayList<>(coinbase.outputs());
        TxOut output = outputs.get(index);
        Bytes script = output.scriptPubKey().plus(new ScriptBuilder().push(push).build());
        outputs.set(index, new TxOut(output.value(), script));
        List<TxIn> inputs = coinbase.inputs();
        var all = new ArrayList<>(block.transactions());
        all.set(
                0,
                Transaction.of(
                        coinbase.version(),
                        inputs,
                        outputs,
                        List.of(coinbase.witness(0)),
                        coinbase.lockTime()));
        BlockHeader header = block.header();
        return Block.of(
                new BlockHeader(
                        header.version(),
                        header.parent(),
                        MerkleRoot.of(Block.of(header, all)).root(),
                        header.time(),
                        header.bits(),
                        header.nonce()),
                all);
    }
}
