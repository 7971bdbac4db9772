package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.store.BlockStore;
import weft.chain.store.KeyValueStore;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.chain.store.StoreException;
import weft.crypto.Sha256;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// A failure of ours is not a verdict on a block: whatever a port throws while a valid block is judged, the
/// block is not blamed, the chain state stops, and after a restart the block connects.
class PortFaultTest implements SeenRed {
    private static final long COIN = 50 * Amount.SATOSHIS_PER_BITCOIN;
    private static final int MATURE = 101;

    /// What may go wrong in a port.
    private enum Fault {
        STORE {
            @Override
            void happen() {
                throw new StoreException("no space left on device");
            }
        },
        FILE {
            @Override
            void happen() {
                throw new UncheckedIOException(new IOException("input/output error"));
            }
        },
        MEMORY {
            @Override
            void happen() {
                throw new OutOfMemoryError("Java heap space");
            }
        },
        STACK {
            @Override
            void happen() {
                throw new StackOverflowError();
            }
        },
        INTERRUPT {
            @Override
            void happen() {
                Thread.currentThread().interrupt();
                throw new StoreException("interrupted", new ClosedByInterruptException());
            }
        },
        CLOSED {
            @Override
            void happen() {
                MemorySegment segment;
                try (Arena arena = Arena.ofConfined()) {
                    segment = arena.allocate(8);
                }
                segment.get(ValueLayout.JAVA_BYTE, 0);
            }
        };

        abstract void happen();
    }

    /// Lets a number of calls to the ports pass; the next one fails.
    private static final class Ports {
        private final Fault fault;
        private final boolean afterwards;
        private int left;
        private boolean failed;

        /// @param afterwards the port does its work before it fails
        Ports(Fault fault, int left, boolean afterwards) {
            this.fault = fault;
            this.left = left;
            this.afterwards = afterwards;
        }

        private void call() {
            if (!failed && left == 0) {
                failed = true;
                fault.happen();
            }
            left--;
        }

        <T> T guard(Class<T> port, T real) {
            Object proxy =
                    Proxy.newProxyInstance(
                            port.getClassLoader(),
                            new Class<?>[] {port},
                            (self, method, arguments) -> {
                                if (!afterwards) {
                                    call();
                                }
                                try {
                                    Object result = method.invoke(real, arguments);
                                    if (afterwards) {
                                        call();
                                    }
                                    return result;
                                } catch (InvocationTargetException e) {
                                    throw e.getCause();
                                }
                            });
            return port.cast(proxy);
        }
    }

    /// A chain whose first coinbase may be spent, and two branches on it: one of three blocks, and one of
    /// four that spends the same coins another way.
    private static final class Story {
        final MemoryKeyValueStore database = new MemoryKeyValueStore();
        final MemoryBlockStore blocks = new MemoryBlockStore();
        final List<Block> next = new ArrayList<>();
        final CoinsSummary end;

        Story() {
            var forge = new Forge(Forge.REGTEST, ChainOptions.DEFAULT, database, blocks);
            forge.state.start(Forge.NOW);
            forge.mine(MATURE + 1);
            forge.state.flush(Forge.NOW);
            HeaderNode fork = forge.tip();
            OutPoint one = forge.coinbaseOf(1);
            OutPoint two = forge.coinbaseOf(2);
            branch(forge, fork, 3, 1, one, two);
            branch(forge, fork, 4, 2, two, one);
            var done =
                    new Forge(Forge.REGTEST, ChainOptions.DEFAULT, database.copy(), blocks.copy());
            done.state.start(Forge.NOW);
            next.forEach(done::submit);
            end = done.coins();
            assertThat(done.tip().hash()).isEqualTo(next.getLast().hash());
        }

        private void branch(
                Forge forge, HeaderNode fork, int length, int unique, OutPoint a, OutPoint b) {
            Transaction first = Forge.spend(a, COIN);
            Transaction second = Forge.spend(Forge.out(first), COIN);
            Transaction third = Forge.spend(b, COIN);
            var bodies = List.of(List.of(first), List.of(second, third), List.<Transaction>of());
            var parent = fork.header();
            for (int i = 0; i < length; i++) {
                Block block =
                        forge.block(
                                parent,
                                forge.coinbase(fork.height() + 1 + i, unique, 0),
                                bodies.get(Math.min(i, 2)));
                next.add(block);
                parent = block.header();
            }
        }

        void tell(Forge forge) {
            forge.state.start(Forge.NOW);
            for (Block block : next) {
                forge.submit(block);
            }
            forge.state.tick(Forge.NOW);
            forge.state.flush(Forge.NOW);
        }
    }

    private static boolean blames(ChainEvent event) {
        return event instanceof ChainEvent.BlockRejected
                || event instanceof ChainEvent.HeadersRejected
                || (event instanceof ChainEvent.HeaderValidity validity && !validity.valid());
    }

    private static boolean isCausedBy(@Nullable Throwable thrown, Fault fault) {
        return switch (fault) {
            case STORE, INTERRUPT -> thrown instanceof StoreException;
            case FILE -> thrown instanceof UncheckedIOException;
            case MEMORY -> thrown instanceof OutOfMemoryError;
            case STACK -> thrown instanceof StackOverflowError;
            case CLOSED ->
                    thrown instanceof IllegalStateException
                            && "Already closed".equals(thrown.getMessage());
        };
    }

    /// Fails one call to a port.
    ///
    /// @return whether so many calls were made
    private static boolean fail(Story story, Fault fault, int call, boolean afterwards) {
        MemoryKeyValueStore database = story.database.copy();
        MemoryBlockStore blocks = story.blocks.copy();
        var ports = new Ports(fault, call, afterwards);
        var forge =
                new Forge(
                        Forge.REGTEST,
                        ChainOptions.DEFAULT,
                        ports.guard(KeyValueStore.class, database),
                        ports.guard(BlockStore.class, blocks),
                        ports.guard(ScriptVerifier.class, new InlineScriptVerifier()));
        Throwable thrown = null;
        try {
            story.tell(forge);
        } catch (RuntimeException | Error e) {
            thrown = e;
        }
        boolean interrupted = Thread.interrupted();
        if (!ports.failed) {
            assertThat(thrown).isNull();
            return false;
        }
        String where = fault + " at call " + call;
        assertThat(isCausedBy(thrown, fault)).as("%s, thrown: %s", where, thrown).isTrue();
        assertThat(interrupted).as(where).isEqualTo(fault == Fault.INTERRUPT);
        assertThat(forge.events).as(where).noneMatch(PortFaultTest::blames);
        // Nothing is done on a state that may be half changed.
        assertThatThrownBy(() -> forge.submit(story.next.getFirst()))
                .as(where)
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("the chain state has stopped after: ");
        forge.state.close();
        var again = new Forge(Forge.REGTEST, ChainOptions.DEFAULT, database.copy(), blocks.copy());
        story.tell(again);
        assertThat(again.events).as(where).noneMatch(PortFaultTest::blames);
        assertThat(again.tip().hash()).as(where).isEqualTo(story.next.getLast().hash());
        assertThat(again.coins()).as(where).isEqualTo(story.end);
        return true;
    }

    @Test
    @DisplayName("A27 whatever any call to a port throws, no block is blamed")
    @Sabotage(type = "weft.chain.BlockConnector", method = "connect", catches = "null")
    void shouldBlameNoBlockForAnyFailureOfOurs() {
        var story = new Story();
        for (Fault fault : Fault.values()) {
            int call = 0;
            while (fail(story, fault, call, false)) {
                call++;
            }
            assertThat(call).isGreaterThan(40);
        }
    }

    @Test
    @DisplayName("A27 whether a port fails before or after its work, no block is blamed")
    @Sabotage(type = "weft.chain.BlockConnector", method = "connect", catches = "null")
    @Sabotage(
            type = "weft.chain.BlockConnector$Run",
            method = "apply",
            catches = "weft.chain.ChainFailures.INVALID_PARENT")
    @Sabotage(type = "weft.chain.ChainState", method = "guarded", catches = "null")
    @Sabotage(type = "weft.chain.ChainActivation", method = "connectTip", catches = "false")
    void shouldBlameNoBlockWheneverAPortFails() {
        var story = new Story();
        for (boolean afterwards : new boolean[] {false, true}) {
            int call = 0;
            while (fail(story, Fault.STORE, call, afterwards)) {
                call++;
            }
        }
    }

    /// A chain state whose block store hands out other bytes than it got.
    private static void assertRotNotBlamed(UnaryOperator<Bytes> rot) {
        var database = new MemoryKeyValueStore();
        var blocks = new MemoryBlockStore();
        BlockHash[] rotten = {BlockHash.ZERO};
        Object store =
                Proxy.newProxyInstance(
                        BlockStore.class.getClassLoader(),
                        new Class<?>[] {BlockStore.class},
                        (self, method, arguments) -> {
                            Object result = method.invoke(blocks, arguments);
                            boolean rots =
                                    method.getName().equals("read")
                                            && Block.parse(((Bytes) result).toHex())
                                                    .hash()
                                                    .equals(rotten[0]);
                            return rots ? rot.apply((Bytes) result) : result;
                        });
        var forge = new Forge(Forge.REGTEST, ChainOptions.DEFAULT, database, (BlockStore) store);
        forge.state.start(Forge.NOW);
        forge.mine(MATURE);
        HeaderNode fork = forge.tip();
        Bytes witnessScript = Forge.OPEN;
        Bytes program = Bytes.wrap(Sha256.hash(witnessScript.toByteArray()));
        var locked = new TxOut(COIN, Bytes.parse("0020").plus(program));
        Transaction lock =
                Transaction.of(
                        1,
                        List.of(new TxIn(forge.coinbaseOf(1), Bytes.EMPTY, 0)),
                        List.of(locked),
                        List.of(),
                        0);
        Transaction open =
                Transaction.of(
                        1,
                        List.of(new TxIn(Forge.out(lock), Bytes.EMPTY, 0)),
                        List.of(new TxOut(COIN, Forge.OPEN)),
                        List.of(Witness.of(witnessScript)),
                        0);
        forge.mine(1);
        Block side = forge.block(fork, forge.coinbase(MATURE + 1, 5, 0), List.of(lock, open));
        forge.submit(side);
        Block better = forge.block(side.header(), forge.coinbase(MATURE + 2, 5, 0), List.of());
        forge.state.flush(Forge.NOW);
        forge.events.clear();
        rotten[0] = side.hash();
        assertThatThrownBy(() -> forge.submit(better)).isInstanceOf(StoreException.class);
        assertThat(forge.events).noneMatch(PortFaultTest::blames);
        var again = new Forge(Forge.REGTEST, ChainOptions.DEFAULT, database.copy(), blocks.copy());
        again.state.start(Forge.NOW);
        again.submit(better);
        assertThat(again.tip().hash()).isEqualTo(better.hash());
    }

    private static Bytes flipped(Bytes block, int fromEnd) {
        byte[] bytes = block.toByteArray();
        bytes[bytes.length - fromEnd] ^= 1;
        return Bytes.wrap(bytes);
    }

    @Test
    @DisplayName("A27 a stored block whose bytes rotted is not blamed, be it in a witness")
    @Sabotage(type = "weft.chain.ChainActivation", method = "isRotten", returns = "false")
    void shouldBlameNoBlockForBytesThatRotted() {
        // The last bytes: lock time, then the one byte of the witness script, its length, their
        // number.
        assertRotNotBlamed(block -> flipped(block, 1));
        assertRotNotBlamed(block -> flipped(block, 5));
        assertRotNotBlamed(block -> flipped(block, 40));
        assertRotNotBlamed(block -> block.slice(0, block.length() - 9));
    }
}
