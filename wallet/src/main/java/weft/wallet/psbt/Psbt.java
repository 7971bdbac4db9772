package weft.wallet.psbt;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.wallet.sign.KeyOrigin;

/// A transaction that is not finished yet, with all that its signers need. See BIP-0174 (version 0) and
/// BIP-0371. Not safe for use by two threads.
public final class Psbt {
    /// Most bytes that are read.
    public static final int BYTES_MAX = 100_000_000;

    private static final Bytes MAGIC = Bytes.parse("70736274ff");
    private static final int XPUB_BYTES = 78;
    private static final int XPUB_KEY_AT = 45;
    private static final String MAP = "the global map";

    private Transaction tx;
    private final List<PsbtInput> inputs = new ArrayList<>();
    private final List<PsbtOutput> outputs = new ArrayList<>();
    private final NavigableMap<Bytes, Set<Bytes>> extendedKeys = new TreeMap<>();
    private final PsbtExtras extras = new PsbtExtras();

    private Psbt(Transaction tx) {
        this.tx = tx;
    }

    /// A PSBT that knows nothing yet.
    ///
    /// @param tx without any scriptSig and witness
    public static Psbt of(Transaction tx) {
        boolean bare = tx.inputs().stream().allMatch(input -> input.scriptSig().isEmpty());
        Check.argument(bare && !tx.hasWitness(), "an unsigned transaction");
        var psbt = new Psbt(tx);
        tx.inputs().forEach(_ -> psbt.inputs.add(new PsbtInput()));
        tx.outputs().forEach(_ -> psbt.outputs.add(new PsbtOutput()));
        return psbt;
    }

    /// Reads base 64.
    ///
    /// @throws MalformedBytes if it is no PSBT, with Bitcoin Core's sentence
    public static Psbt parse(String base64) {
        byte[] bytes;
        try {
            if (base64.length() % 4 != 0) {
                throw new MalformedBytes("invalid base64");
            }
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException _) {
            throw new MalformedBytes("invalid base64");
        }
        ByteReader in = ByteReader.of(bytes);
        Psbt psbt = read(in);
        if (!in.isAtEnd()) {
            throw new MalformedBytes("extra data after PSBT");
        }
        return psbt;
    }

    /// Reads a PSBT.
    ///
    /// @throws MalformedBytes if it is none, with Bitcoin Core's sentence where it has one of its own
    public static Psbt read(ByteReader in) {
        if (!in.slice(MAGIC.length()).equals(MAGIC)) {
            throw new MalformedBytes("Invalid PSBT magic bytes");
        }
        Psbt psbt = readGlobal(in);
        for (TxIn input : psbt.tx.inputs()) {
            if (in.isAtEnd()) {
                throw new MalformedBytes(
                        "Inputs provided does not match the number of inputs in transaction.");
            }
            PsbtInput read = PsbtInput.read(in);
            check(read, input);
            psbt.inputs.add(read);
        }
        for (int i = 0; i < psbt.tx.outputs().size(); i++) {
            if (in.isAtEnd()) {
                throw new MalformedBytes(
                        "Outputs provided does not match the number of outputs in transaction.");
            }
            psbt.outputs.add(PsbtOutput.read(in));
        }
        return psbt;
    }

    private static void check(PsbtInput read, TxIn input) {
        Transaction previous = read.previous;
        if (previous == null) {
            return;
        }
        if (!previous.txid().equals(input.prevout().txid())) {
            throw new MalformedBytes("Non-witness UTXO does not match outpoint hash");
        }
        if (input.prevout().index() >= previous.outputs().size()) {
            throw new MalformedBytes("Input specifies output index that does not exist");
        }
    }

    /// What the first map says.
    private static final class Global {
        private @Nullable Transaction tx;
        private boolean hasVersion;
        private final Set<Bytes> extendedKeys = new HashSet<>();
        private final List<Bytes> keysInOrder = new ArrayList<>();
        private final List<KeyOrigin> origins = new ArrayList<>();

        private void transaction(PsbtMap.Field field, ByteReader in) {
            PsbtMap.unique(tx == null, "unsigned tx already provided");
            field.mustBeBare("Global unsigned tx key");
            Transaction read =
                    PsbtMap.value(in, each -> Transaction.read(each, Transaction.Encoding.LEGACY));
            if (read.inputs().stream().anyMatch(input -> !input.scriptSig().isEmpty())) {
                throw new MalformedBytes(
                        "Unsigned tx does not have empty scriptSigs and scriptWitnesses.");
            }
            tx = read;
        }

        private void extendedKey(PsbtMap.Field field, ByteReader in) {
            if (field.key().length() != XPUB_BYTES + 1) {
                throw new MalformedBytes(
                        "Size of key was not the expected size for the type global xpub");
            }
            Bytes key = field.rest();
            if (!Secp256k1.get().isValidPublicKey(key.from(XPUB_KEY_AT).toByteArray())) {
                throw new MalformedBytes("Invalid pubkey");
            }
            if (!extendedKeys.add(key)) {
                throw new MalformedBytes("Duplicate key, global xpub already provided");
            }
            keysInOrder.add(key);
            origins.add(PsbtMap.origin(in));
        }

        private void version(PsbtMap.Field field, ByteReader in) {
            PsbtMap.unique(!hasVersion, "version already provided");
            field.mustBeBare("Global version key");
            hasVersion = true;
            if (PsbtMap.value(in, ByteReader::u32) > 0) {
                throw new MalformedBytes("Unsupported version number");
            }
        }
    }

    private static Psbt readGlobal(ByteReader in) {
        var global = new Global();
        var extras = new PsbtExtras();
        for (PsbtMap.Field field = PsbtMap.next(in, MAP);
                field != null;
                field = PsbtMap.next(in, MAP)) {
            switch (field.type()) {
                case 0x00 -> global.transaction(field, in);
                case 0x01 -> global.extendedKey(field, in);
                case 0xfb -> global.version(field, in);
                default -> extras.read(field, in);
            }
        }
        Transaction tx = global.tx;
        if (tx == null) {
            throw new MalformedBytes("No unsigned transaction was provided");
        }
        var psbt = new Psbt(tx);
        psbt.extras.mergeAll(extras);
        for (int i = 0; i < global.keysInOrder.size(); i++) {
            Bytes origin = PsbtMap.originBytes(global.origins.get(i));
            psbt.keysOf(origin).add(global.keysInOrder.get(i));
        }
        return psbt;
    }

    private Set<Bytes> keysOf(Bytes origin) {
        return extendedKeys.computeIfAbsent(origin, _ -> new TreeSet<>());
    }

    /// Writes the PSBT.
    public void write(ByteWriter out) {
        out.bytes(MAGIC);
        var bare = new ByteWriter();
        tx.write(bare, Transaction.Encoding.LEGACY);
        PsbtMap.write(out, 0x00, Bytes.EMPTY, bare.toBytes());
        extendedKeys.forEach(
                (origin, keys) -> keys.forEach(key -> PsbtMap.write(out, 0x01, key, origin)));
        extras.writeProprietary(out);
        extras.writeUnknown(out);
        out.u8(0);
        inputs.forEach(input -> input.write(out));
        outputs.forEach(output -> output.write(out));
    }

    /// The PSBT in base 64.
    public String toBase64() {
        var out = new ByteWriter();
        write(out);
        return Base64.getEncoder().encodeToString(out.toByteArray());
    }

    /// The unsigned transaction.
    public Transaction tx() {
        return tx;
    }

    /// What is known of each input.
    public List<PsbtInput> inputs() {
        return List.copyOf(inputs);
    }

    /// What is known of each output.
    public List<PsbtOutput> outputs() {
        return List.copyOf(outputs);
    }

    /// An extended public key that takes part.
    ///
    /// @param key 78 bytes, see BIP-0032
    public record ExtendedKeyOrigin(Bytes key, KeyOrigin origin) {}

    /// The extended public keys that take part, by where they come from.
    public List<ExtendedKeyOrigin> extendedKeys() {
        var list = new ArrayList<ExtendedKeyOrigin>();
        extendedKeys.forEach(
                (bytes, keys) -> {
                    KeyOrigin origin = PsbtMap.origin(PsbtMap.reader(bytes), bytes.length());
                    keys.forEach(key -> list.add(new ExtendedKeyOrigin(key, origin)));
                });
        return list;
    }

    /// What nobody here understands.
    public PsbtExtras extras() {
        return extras;
    }

    /// The output that an input spends, if the PSBT has it.
    public Optional<TxOut> spent(int index) {
        PsbtInput input = inputs.get(index);
        Transaction previous = input.previous;
        if (previous == null) {
            return Optional.ofNullable(input.spent);
        }
        TxIn in = tx.inputs().get(index);
        boolean fits =
                in.prevout().index() < previous.outputs().size()
                        && previous.txid().equals(in.prevout().txid());
        return fits
                ? Optional.of(previous.outputs().get((int) in.prevout().index()))
                : Optional.empty();
    }

    /// Takes over what another PSBT of the same transaction knows.
    ///
    /// @return false if it is of another transaction: nothing is taken then
    public boolean combine(Psbt other) {
        if (!tx.txid().equals(other.tx.txid())) {
            return false;
        }
        for (int i = 0; i < inputs.size(); i++) {
            inputs.get(i).merge(other.inputs.get(i));
        }
        for (int i = 0; i < outputs.size(); i++) {
            outputs.get(i).merge(other.outputs.get(i));
        }
        other.extendedKeys.forEach((origin, keys) -> keysOf(origin).addAll(keys));
        extras.merge(other.extras);
        return true;
    }

    /// Makes one PSBT of several with different inputs: the inputs and outputs of all.
    ///
    /// @param inOrder where each input and output shall go; a permutation of the numbers
    /// @return empty if two spend the same coin
    public static Optional<Psbt> join(List<Psbt> psbts, Order inOrder) {
        long version = psbts.stream().mapToLong(each -> each.tx.version()).max().orElse(1);
        long lockTime = psbts.stream().mapToLong(each -> each.tx.lockTime()).min().orElse(0);
        var txIns = new ArrayList<TxIn>();
        var txOuts = new ArrayList<TxOut>();
        var joinedInputs = new ArrayList<PsbtInput>();
        var joinedOutputs = new ArrayList<PsbtOutput>();
        var globals = new Psbt(Transaction.of(1, List.of(), List.of(), List.of(), 0));
        for (Psbt each : psbts) {
            for (int i = 0; i < each.inputs.size(); i++) {
                TxIn input = each.tx.inputs().get(i);
                if (txIns.contains(input)) {
                    return Optional.empty();
                }
                txIns.add(input);
                joinedInputs.add(each.inputs.get(i).unsigned());
            }
            txOuts.addAll(each.tx.outputs());
            each.outputs.forEach(output -> joinedOutputs.add(output.copy()));
            each.extendedKeys.forEach((origin, keys) -> globals.keysOf(origin).addAll(keys));
            globals.extras.merge(each.extras);
        }
        List<Integer> inputsAt = inOrder.of(txIns.size());
        List<Integer> outputsAt = inOrder.of(txOuts.size());
        globals.tx =
                Transaction.of(
                        version,
                        inputsAt.stream().map(txIns::get).toList(),
                        outputsAt.stream().map(txOuts::get).toList(),
                        List.of(),
                        lockTime);
        inputsAt.forEach(i -> globals.inputs.add(joinedInputs.get(i)));
        outputsAt.forEach(i -> globals.outputs.add(joinedOutputs.get(i)));
        return Optional.of(globals);
    }

    /// In what order things are put.
    @FunctionalInterface
    public interface Order {
        /// The numbers 0 to `count` − 1 in some order.
        List<Integer> of(int count);
    }
}
