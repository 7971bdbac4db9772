package weft.app.village;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.SigHash;
import weft.crypto.Hash160;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.primitives.address.Address;

/// The villagers' keys, one each, and the payments made with them. The nodes have no wallet: the village
/// signs, and hands over finished transactions as any wallet would.
final class Purses {
    private static final int MATURITY_BLOCKS = 100;
    private static final long FEE_SATOSHIS = 1_000;
    private static final int KEY_BYTES = 32;

    private final List<byte[]> secrets = new ArrayList<>();
    private final List<Txid> spent = new ArrayList<>();
    private final ChainParams params = ChainParams.of(Network.REGTEST);

    /// @param seed all keys come from it, so that a village can be played again
    Purses(long seed, int size) {
        var random = new SplittableRandom(seed);
        while (secrets.size() < size) {
            byte[] secret = new byte[KEY_BYTES];
            random.nextBytes(secret);
            if (Secp256k1.get().isValidSecretKey(secret)) {
                secrets.add(secret);
            }
        }
    }

    private Address owner(int index) {
        byte[] key = Secp256k1.get().publicKey(secrets.get(index), true);
        return new Address.WitnessProgram(0, Bytes.wrap(Hash160.hash(key)));
    }

    /// Where a villager is paid.
    String address(int index) {
        return owner(index).encode(params.addressPrefixes());
    }

    private record Purse(Txid txid, TxOut coin) {}

    /// A coin of a villager that may be spent: the subsidy of a block that is old enough.
    private List<Purse> matureCoins(VillageNode node, int index) {
        var found = new ArrayList<Purse>();
        Bytes script = owner(index).scriptPubKey();
        int tip = node.call("getblockcount").asInt();
        for (int height = 1; height <= tip + 1 - MATURITY_BLOCKS && found.isEmpty(); height++) {
            String hash = node.call("getblockhash", height).asString();
            Transaction coinbase =
                    weft.primitives.Block.parse(node.call("getblock", hash, 0).asString())
                            .transactions()
                            .getFirst();
            TxOut first = coinbase.outputs().getFirst();
            JsonNode unspent = node.call("gettxout", coinbase.txid().toHex(), 0);
            if (first.scriptPubKey().equals(script)
                    && unspent.isObject()
                    && !spent.contains(coinbase.txid())) {
                found.add(new Purse(coinbase.txid(), first));
            }
        }
        found.sort(Comparator.comparing(Purse::txid));
        return found;
    }

    /// Whether a villager has something to spend.
    boolean hasMatureCoin(VillageNode node, int index) {
        return !matureCoins(node, index).isEmpty();
    }

    /// Makes a payment and hands it to the payer's node.
    ///
    /// @return the transaction's id
    /// @throws RpcClient.RpcException if the node does not take it
    String pay(Village village, int from, int to, long satoshis) {
        VillageNode node = village.node(from);
        List<Purse> coins = matureCoins(node, from);
        if (coins.isEmpty()) {
            throw new RpcClient.RpcException(0, node.home().name() + " has nothing to spend yet");
        }
        Purse purse = coins.getFirst();
        Transaction payment =
                sign(
                        from,
                        purse,
                        List.of(
                                new TxOut(satoshis, owner(to).scriptPubKey()),
                                new TxOut(
                                        purse.coin.value() - satoshis - FEE_SATOSHIS,
                                        owner(from).scriptPubKey())));
        String txid =
                node.call("sendrawtransaction", HexFormat.of().formatHex(payment.toByteArray()))
                        .asString();
        spent.add(purse.txid);
        return txid;
    }

    private Transaction sign(int owner, Purse purse, List<TxOut> outputs) {
        var input = new TxIn(new OutPoint(purse.txid, 0), Bytes.EMPTY, TxIn.SEQUENCE_FINAL);
        Transaction unsigned = Transaction.of(2, List.of(input), outputs, List.of(), 0);
        byte[] secret = secrets.get(owner);
        byte[] key = Secp256k1.get().publicKey(secret, true);
        byte[] digest = digest(unsigned, purse, key);
        byte[] signature = Secp256k1.get().ecdsaSign(digest, secret);
        Bytes withType = Bytes.wrap(signature).plus(Bytes.wrap(new byte[] {SigHash.ALL}));
        return Transaction.of(
                2, List.of(input), outputs, List.of(Witness.of(withType, Bytes.wrap(key))), 0);
    }

    private static byte[] digest(Transaction unsigned, Purse purse, byte[] key) {
        byte[] scriptCode =
                new Address.P2pkh(Bytes.wrap(Hash160.hash(key))).scriptPubKey().toByteArray();
        var shared = PrecomputedTxHashes.forSigning(unsigned, List.of(purse.coin));
        return SigHash.witnessV0(shared, 0, scriptCode, purse.coin.value(), SigHash.ALL);
    }
}
