package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.HeaderNode;
import weft.crypto.SipHash;
import weft.p2p.PeerId;
import weft.p2p.TestPeers;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// [HeadersSyncState] against a model that keeps every header of both passes in a list.
class HeadersSyncModelTest implements SeenRed {
    private static final long START = 1_700_000_000;

    /// A header's work is its bits, which change by one at a time.
    private record Rules() implements SyncRules {
        @Override
        public BigInteger minimumChainWork() {
            return BigInteger.ZERO;
        }

        @Override
        public long targetSpacingSeconds() {
            return 600;
        }

        @Override
        public BigInteger work(BlockHeader header) {
            return BigInteger.valueOf(header.bits());
        }

        @Override
        public boolean hasValidWork(BlockHeader header, BlockHash hash) {
            return true;
        }

        @Override
        public boolean isPermittedTransition(long height, long bitsBefore, long bits) {
            return Math.abs(bits - bitsBefore) <= 1;
        }

        @Override
        public boolean isSegwitActive(int height) {
            return true;
        }
    }

    /// A header and its hash.
    private record Hashed(BlockHeader header, BlockHash hash) {
        static Hashed of(BlockHeader header) {
            return new Hashed(header, header.hash());
        }
    }

    /// The rules of the two passes: first only every 615th header leaves a bit, then each must come again,
    /// and is let go once 14,621 came after it, or once the branch is known to have the work.
    private static final class Model {
        final HeaderNode start;
        final long wantedWork;
        final long bitsMax;
        final int offset;
        final SipHash salt;
        final List<Hashed> first = new ArrayList<>();
        final List<Hashed> second = new ArrayList<>();
        int released;

        Model(HeaderNode start, long wantedWork, long nowSeconds, SplittableRandom random) {
            this.start = start;
            this.wantedWork = wantedWork;
            this.bitsMax = 6 * (nowSeconds - start.medianTimePast() + 7_200) / 615;
            this.offset = random.nextInt(615);
            this.salt = new SipHash(random.nextLong(), random.nextLong());
        }

        long work(List<Hashed> headers) {
            return start.chainWork().longValueExact()
                    + headers.stream().mapToLong(each -> each.header.bits()).sum();
        }

        boolean isSecondPass() {
            return work(first) >= wantedWork;
        }

        /// The bits of those headers whose height asks for one.
        List<Boolean> bits(List<Hashed> headers) {
            var bits = new ArrayList<Boolean>();
            for (int i = 0; i < headers.size(); i++) {
                if ((start.height() + 1 + i) % 615 == offset) {
                    bits.add((salt.hash(headers.get(i).hash.toByteArray()) & 1) == 1);
                }
            }
            return bits;
        }

        boolean isChain(List<Hashed> headers) {
            BlockHash hash = start.hash();
            long bits = start.header().bits();
            for (Hashed each : headers) {
                if (!each.header.parent().equals(hash) || Math.abs(each.header.bits() - bits) > 1) {
                    return false;
                }
                hash = each.hash;
                bits = each.header.bits();
            }
            return true;
        }

        HeadersSyncState.Result process(List<BlockHeader> headers, boolean full) {
            List<Hashed> batch = headers.stream().map(Hashed::of).toList();
            return isSecondPass() ? secondPass(batch, full) : firstPass(batch, full);
        }

        private HeadersSyncState.Result firstPass(List<Hashed> batch, boolean full) {
            first.addAll(batch);
            boolean good = isChain(first) && bits(first).size() <= bitsMax;
            boolean more = good && (full || isSecondPass());
            return new HeadersSyncState.Result(List.of(), good, more);
        }

        private HeadersSyncState.Result secondPass(List<Hashed> batch, boolean full) {
            second.addAll(batch);
            // From the header on that brings the work, no bits are asked for any more.
            int enough = second.size();
            while (enough > 0 && work(second.subList(0, enough - 1)) >= wantedWork) {
                enough--;
            }
            boolean done = work(second) >= wantedWork;
            List<Boolean> bits = bits(second.subList(0, done ? enough - 1 : second.size()));
            List<Boolean> expected = bits(first);
            if (!isChain(second)
                    || bits.size() > expected.size()
                    || !bits.equals(expected.subList(0, bits.size()))) {
                return HeadersSyncState.Result.FAILED;
            }
            int from = released;
            released = done ? second.size() : Math.max(released, second.size() - 14_621);
            List<BlockHeader> ready =
                    second.subList(from, released).stream().map(Hashed::header).toList();
            return new HeadersSyncState.Result(ready, true, !done && full);
        }

        long presyncHeight() {
            return isSecondPass() ? -1 : start.height() + first.size();
        }

        BlockHash askFrom() {
            List<Hashed> pass = isSecondPass() ? second : first;
            return pass.isEmpty() ? start.hash() : pass.getLast().hash;
        }
    }

    private static List<BlockHeader> chain(
            BlockHash from, long bitsFrom, int count, long salt, SplittableRandom random) {
        var headers = new ArrayList<BlockHeader>();
        BlockHash last = from;
        long bits = bitsFrom;
        for (int i = 0; i < count; i++) {
            bits = Math.max(1, bits + random.nextInt(-1, 2));
            var header = new BlockHeader(4, last, Digest256.ZERO, START + i, bits, salt);
            last = header.hash();
            headers.add(header);
        }
        return headers;
    }

    private static HeaderNode start(SplittableRandom random) {
        var first = new BlockHeader(4, BlockHash.ZERO, Digest256.ZERO, START, 5, 0);
        HeaderNode node = HeaderNode.genesis(first, BigInteger.valueOf(5));
        int height = random.nextInt(700);
        for (BlockHeader each : chain(node.hash(), 5, height, 1, random)) {
            node = HeaderNode.of(each, each.hash(), node, BigInteger.valueOf(each.bits()));
        }
        return node;
    }

    /// What a peer sends: mostly what it has to, but now and then another header, another branch, less.
    private static final class Sender {
        final SplittableRandom random;
        final boolean isLong;
        final List<BlockHeader> first;
        final List<BlockHeader> second;

        Sender(SplittableRandom random, HeaderNode start) {
            this.random = random;
            isLong = random.nextInt(6) == 0;
            int length = isLong ? 17_000 : random.nextInt(1, 3_000);
            first = chain(start.hash(), start.header().bits(), length, 2, random);
            second = new ArrayList<>(first);
            if (random.nextInt(isLong ? 6 : 2) == 0) {
                int fork = random.nextInt(length + 1) / 2;
                BlockHeader at = fork == 0 ? start.header() : first.get(fork - 1);
                int count = random.nextInt(length);
                second.subList(fork, length).clear();
                second.addAll(chain(at.hash(), at.bits(), count, 3, random));
            }
        }

        List<BlockHeader> after(BlockHash last, boolean isSecondPass) {
            List<BlockHeader> all = isSecondPass ? second : first;
            int from = 0;
            while (from < all.size() && !all.get(from).parent().equals(last)) {
                from++;
            }
            int most = !isLong && random.nextInt(3) == 0 ? random.nextInt(1, 200) : 2_000;
            var batch = new ArrayList<>(all.subList(from, Math.min(all.size(), from + most)));
            if (random.nextInt(200) == 0 && !batch.isEmpty()) {
                spoil(batch);
            }
            return batch;
        }

        /// Changes one header and drops those after it: headers of one message always follow one another.
        private void spoil(List<BlockHeader> batch) {
            int at = random.nextInt(3) == 0 ? 0 : random.nextInt(batch.size());
            BlockHeader old = batch.get(at);
            BlockHash parent = at == 0 ? BlockHash.ZERO : old.parent();
            long bits = old.bits() + random.nextInt(4);
            batch.set(at, new BlockHeader(4, parent, Digest256.ZERO, START, bits, 9));
            batch.subList(at + 1, batch.size()).clear();
        }
    }

    @Test
    @DisplayName(
            "D06 both passes over a branch of little work are as a model that keeps all headers"
                    + " says")
    @Sabotage(type = "weft.p2p.sync.HeadersSyncState", method = "commitment", returns = "true")
    @Sabotage(type = "weft.p2p.sync.HeadersSyncState", method = "count", constant = "615>614")
    @Sabotage(
            type = "weft.p2p.sync.HeadersSyncState",
            method = "redownload",
            constant = "14621>14622")
    @Sabotage(type = "weft.p2p.sync.HeadersSyncState", method = "compare", constant = "1>0")
    @Sabotage(type = "weft.p2p.sync.HeadersSyncState", method = "<init>", constant = "7200>0")
    void shouldWalkBothPassesAsTheModel() {
        Property.holds(
                16,
                random -> {
                    HeaderNode start = start(random);
                    var sender = new Sender(random, start);
                    long total = sender.first.stream().mapToLong(BlockHeader::bits).sum();
                    long share = random.nextInt(4) == 0 ? random.nextInt(10, 120) : 100;
                    long wanted = start.chainWork().longValueExact() + total * share / 100;
                    // Few seconds for so many blocks, now and then.
                    long seconds = START + 1_000_000;
                    if (random.nextInt(3) == 0) {
                        seconds = start.medianTimePast() - 7_200 + random.nextInt(1_500);
                    }
                    long secret = random.nextLong();
                    var model = new Model(start, wanted, seconds, new SplittableRandom(secret));
                    var context =
                            new SyncContext(
                                    new Rules(),
                                    SyncOptions.of(TestPeers.FULL),
                                    new TestPeers(),
                                    new SplittableRandom(secret),
                                    Log.NONE);
                    var machine =
                            new HeadersSyncState(
                                    new PeerId(1),
                                    context,
                                    start,
                                    BigInteger.valueOf(wanted),
                                    new Now(0, Instant.ofEpochSecond(seconds)));
                    run(machine, model, sender);
                });
    }

    private static void run(HeadersSyncState machine, Model model, Sender sender) {
        boolean goesOn = true;
        while (goesOn) {
            assertThat(machine.presyncHeight()).isEqualTo(model.presyncHeight());
            assertThat(machine.locator().getFirst()).isEqualTo(model.askFrom());
            assertThat(machine.locator().subList(1, machine.locator().size()))
                    .isEqualTo(ChainIndex.locator(model.start));
            List<BlockHeader> batch = sender.after(model.askFrom(), model.isSecondPass());
            if (batch.isEmpty()) {
                return;
            }
            boolean full = batch.size() == 2_000 || sender.random.nextInt(100) > 0;
            HeadersSyncState.Result expected = model.process(batch, full);
            assertThat(machine.process(batch, full)).isEqualTo(expected);
            goesOn = expected.requestMore();
        }
    }
}
