package weft.wallet.sign;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.TransactionVerifier;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.SigHash;
import weft.primitives.Amount;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.address.PrivateKey;
import weft.testkit.Property;
import weft.wallet.descriptor.Descriptor;

/// Signs outputs of all forms with random keys; the interpreter has the last word.
@DisplayName("Signing with given keys")
class TxSignerTest {
    private static final AddressPrefixes PREFIXES =
            ChainParams.of(Network.REGTEST).addressPrefixes();
    private static final TransactionVerifier VERIFIER =
            TransactionVerifier.withFlags(ScriptFlags.STANDARD);

    /// K stands for a private key that both signers together have: A for one of the first, B of the second.
    private static final List<String> FORMS =
            List.of(
                    "pk(A)",
                    "pkh(B)",
                    "wpkh(A)",
                    "sh(wpkh(B))",
                    "multi(2,A,B,A)",
                    "sh(multi(2,A,B))",
                    "wsh(multi(2,B,A,A))",
                    "sh(wsh(sortedmulti(3,A,B,B)))",
                    "tr(A)",
                    "tr(X,pk(B))",
                    "tr(X,{pk(B),multi_a(2,A,A,X)})",
                    "tr(X,{{pk(X),multi_a(1,X,B)},pk(X)})",
                    "wsh(and_v(v:pk(A),pk(A)))",
                    "wsh(or_d(pk(X),and_v(v:pkh(B),older(5))))",
                    "wsh(thresh(2,pk(X),s:pk(A),s:pk(A)))",
                    "tr(X,and_v(v:pk(A),after(100)))",
                    "rawtr(A)",
                    "combo(B)");

    private static final class Spending {
        private final List<TxOut> spent = new ArrayList<>();
        private final Map<OutPoint, TxOut> coins = new LinkedHashMap<>();
        private final SigningProvider first = new SigningProvider();
        private final SigningProvider second = new SigningProvider();
        private final Transaction tx;

        Spending(SplittableRandom random, List<String> forms) {
            var inputs = new ArrayList<TxIn>();
            for (String form : forms) {
                Bytes script = script(random, form);
                var coin = new TxOut(random.nextLong(1_000, 100_000_000), script);
                var outPoint = new OutPoint(Txid.of(Property.bytes(random, 32)), random.nextInt(4));
                spent.add(coin);
                coins.put(outPoint, coin);
                inputs.add(new TxIn(outPoint, Bytes.EMPTY, 5));
            }
            long out = spent.stream().mapToLong(TxOut::value).sum() / 2;
            tx =
                    Transaction.of(
                            2,
                            inputs,
                            List.of(
                                    new TxOut(out, Bytes.parse("51")),
                                    new TxOut(1, Bytes.parse("51"))),
                            List.of(),
                            200);
        }

        private Bytes script(SplittableRandom random, String form) {
            var text = new StringBuilder();
            var firstKeys = new SigningProvider();
            var secondKeys = new SigningProvider();
            for (int i = 0; i < form.length(); i++) {
                char c = form.charAt(i);
                if (c != 'A' && c != 'B' && c != 'X') {
                    text.append(c);
                    continue;
                }
                PrivateKey key = PrivateKey.of(Bytes.wrap(Property.bytes(random, 32)), true);
                text.append(key.publicKey().toHex());
                if (c != 'X') {
                    (c == 'A' ? firstKeys : secondKeys).addPrivateKey(key);
                }
            }
            var known = new SigningProvider();
            Descriptor descriptor =
                    Descriptor.parse(text.toString(), PREFIXES, new SigningProvider(), false);
            List<Bytes> scripts = descriptor.expand(0, new SigningProvider(), known).orElseThrow();
            first.merge(firstKeys);
            second.merge(secondKeys);
            first.merge(known);
            second.merge(known);
            return scripts.get(random.nextInt(scripts.size()));
        }

        TransactionVerifier.Verdict verdict(Transaction signed) {
            return VERIFIER.verify(signed, spent);
        }
    }

    private static List<String> someForms(SplittableRandom random) {
        var forms = new ArrayList<String>();
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
            forms.add(FORMS.get(random.nextInt(FORMS.size())));
        }
        return forms;
    }

    private static int hashType(SplittableRandom random) {
        return random.nextInt(4) | (random.nextBoolean() ? SigHash.ANYONECANPAY : 0);
    }

    @Test
    void shouldSignEveryFormWithAllKeys() {
        Property.holds(
                60,
                random -> {
                    List<String> forms = someForms(random);
                    var spending = new Spending(random, forms);
                    spending.first.merge(spending.second);
                    int type = hashType(random);
                    type = type == SigHash.ANYONECANPAY ? SigHash.ALL : type;
                    boolean single = (type & 3) == SigHash.SINGLE && forms.size() > 2;
                    TxSigner.Result result =
                            TxSigner.sign(
                                    spending.tx,
                                    spending.first,
                                    spending.coins,
                                    single ? SigHash.ALL : type);
                    assertThat(result.errors()).as("%s", forms).isEmpty();
                    assertThat(spending.verdict(result.tx()).reason()).as("%s", forms).isEmpty();
                });
    }

    @Test
    void shouldJoinWhatTwoSignersDid() {
        List<String> shared =
                List.of("multi(2,A,B,A)", "sh(multi(2,A,B))", "wsh(multi(2,B,A,X))", "pkh(A)");
        Property.holds(
                20,
                random -> {
                    var spending = new Spending(random, shared);
                    Transaction one =
                            TxSigner.sign(spending.tx, spending.first, spending.coins, SigHash.ALL)
                                    .tx();
                    TxSigner.Result other =
                            TxSigner.sign(
                                    spending.tx, spending.second, spending.coins, SigHash.ALL);
                    assertThat(other.errors()).isNotEmpty();
                    Transaction joined = TxSigner.combine(List.of(one, other.tx()), spending.coins);
                    assertThat(spending.verdict(joined).reason()).isEmpty();
                    Transaction after =
                            TxSigner.sign(one, spending.second, spending.coins, SigHash.ALL).tx();
                    assertThat(spending.verdict(after).reason()).isEmpty();
                });
    }

    @Test
    void shouldSayWhatIsWrong() {
        var spending = new Spending(new SplittableRandom(1), List.of("wpkh(A)", "pkh(A)", "pk(B)"));
        OutPoint lost = spending.tx.inputs().get(1).prevout();
        var coins = new LinkedHashMap<>(spending.coins);
        coins.remove(lost);
        OutPoint untold = spending.tx.inputs().getFirst().prevout();
        coins.put(untold, new TxOut(Amount.MAX_SATOSHIS, spending.spent.getFirst().scriptPubKey()));
        Map<Integer, String> errors =
                TxSigner.sign(spending.tx, spending.first, coins, SigHash.ALL).errors();
        assertThat(errors)
                .containsEntry(0, "Missing amount")
                .containsEntry(1, "Input not found or already spent")
                .containsEntry(
                        2, "Unable to sign input, invalid stack size (possibly missing key)");
    }
}
