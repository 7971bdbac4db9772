package weft.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.testkit.Property;

/// Random messages, one of every kind.
public final class SampleMessages {
    private final SplittableRandom random;

    public SampleMessages(SplittableRandom random) {
        this.random = random;
    }

    public List<Message> all() {
        var messages =
                new ArrayList<Message>(
                        List.of(
                                version(),
                                new Verack(),
                                new Addr(
                                        list(() -> entry(List.of(NetworkId.IPV4, NetworkId.IPV6)))),
                                new AddrV2(list(() -> entry(List.of(NetworkId.values())))),
                                new SendAddrV2(),
                                new Inv(list(this::item)),
                                new GetData(list(this::item)),
                                new NotFound(list(this::item)),
                                new MerkleBlock(header(), u32(), list(this::digest), bytes(20)),
                                new GetBlocks(locator(), blockHash()),
                                new GetHeaders(locator(), blockHash()),
                                TxMessage.of(transaction()),
                                new Headers(list(this::header)),
                                BlockMessage.of(Block.of(header(), list(this::transaction))),
                                new GetAddr(),
                                new Mempool(),
                                Ping.of(random.nextLong()),
                                Pong.of(random.nextLong())));
        messages.addAll(more());
        return messages;
    }

    private List<Message> more() {
        return List.of(
                new FilterLoad(bytes(100), u32(), u32(), random.nextInt(256)),
                new FilterAdd(bytes(100)),
                new FilterClear(),
                new SendHeaders(),
                new FeeFilter(random.nextLong()),
                new SendCmpct(random.nextBoolean(), random.nextLong()),
                new CmpctBlock(
                        header(),
                        random.nextLong(),
                        list(() -> random.nextLong(1L << 48)),
                        list(
                                () ->
                                        new PrefilledTransaction(
                                                random.nextInt(65_536), transaction()))),
                new GetBlockTxn(blockHash(), indexes()),
                new BlockTxn(blockHash(), list(this::transaction)),
                new GetCFilters(random.nextInt(256), u32(), blockHash()),
                new CFilter(random.nextInt(256), blockHash(), bytes(60)),
                new GetCFHeaders(random.nextInt(256), u32(), blockHash()),
                new CFHeaders(random.nextInt(256), blockHash(), digest(), list(this::digest)),
                new GetCFCheckpt(random.nextInt(256), blockHash()),
                new CFCheckpt(random.nextInt(256), blockHash(), list(this::digest)),
                new WtxidRelay(),
                new DandelionAcc(),
                new DandelionTx(transaction()),
                new SendTxRcncl(u32(), random.nextLong()),
                new Feature(Bytes.wrap(Property.bytes(random, random.nextInt(4, 81))), bytes(512)),
                new Unknown("strange", bytes(50)));
    }

    public VersionMessage version() {
        return new VersionMessage(
                random.nextInt(),
                random.nextLong(),
                random.nextLong(),
                new VersionAddress(random.nextLong(), address(NetworkId.IPV4)),
                new VersionAddress(random.nextLong(), address(NetworkId.IPV6)),
                random.nextLong(),
                "/weft:" + random.nextInt(100) + "/",
                random.nextInt(),
                random.nextBoolean());
    }

    private <T> List<T> list(Supplier<T> element) {
        int count = random.nextInt(1, 5);
        var elements = new ArrayList<T>();
        for (int i = 0; i < count; i++) {
            elements.add(element.get());
        }
        return elements;
    }

    private List<Integer> indexes() {
        var indexes = new ArrayList<Integer>();
        for (int at = random.nextInt(20_000); at < 65_536; at += random.nextInt(1, 20_000)) {
            indexes.add(at);
        }
        return indexes;
    }

    private AddressEntry entry(List<NetworkId> networks) {
        NetworkId network = networks.get(random.nextInt(networks.size()));
        return new AddressEntry(u32(), random.nextLong(), address(network));
    }

    public NetAddress address(NetworkId network) {
        byte[] bytes = Property.bytes(random, network.addressBytes());
        if (network == NetworkId.IPV6) {
            bytes[0] = 0x20;
        }
        return new NetAddress(network, Bytes.wrap(bytes), random.nextInt(65_536));
    }

    private InvItem item() {
        return new InvItem(random.nextInt(), digest());
    }

    private BlockLocator locator() {
        return new BlockLocator(random.nextInt(), list(this::blockHash));
    }

    private BlockHash blockHash() {
        return BlockHash.of(Property.bytes(random, 32));
    }

    private Digest256 digest() {
        return Digest256.of(Property.bytes(random, 32));
    }

    private BlockHeader header() {
        return new BlockHeader(random.nextInt(), blockHash(), digest(), u32(), u32(), u32());
    }

    private long u32() {
        return random.nextLong(1L << 32);
    }

    private Bytes bytes(int max) {
        return Bytes.wrap(Property.bytes(random, random.nextInt(1, max)));
    }

    private Transaction transaction() {
        List<TxIn> inputs =
                list(
                        () ->
                                new TxIn(
                                        new OutPoint(Txid.of(Property.bytes(random, 32)), u32()),
                                        bytes(80),
                                        u32()));
        List<TxOut> outputs = list(() -> new TxOut(random.nextLong(), bytes(40)));
        List<Witness> witnesses =
                random.nextBoolean()
                        ? List.of()
                        : inputs.stream().map(_ -> new Witness(list(() -> bytes(40)))).toList();
        return Transaction.of(u32(), inputs, outputs, witnesses, u32());
    }
}
