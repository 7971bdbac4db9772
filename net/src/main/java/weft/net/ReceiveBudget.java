package weft.net;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import weft.p2p.PeerInput;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.NotFound;
import weft.wire.transport.V1Transport;

/// Memory that all peers together may take with what came in and is not handled yet: messages of which the
/// end is missing, and whole messages of inbound peers that wait for the engine.
///
/// - Over the limit connections are closed, the one that holds most first, until the sum is within it.
///   *Rationale:* a hundred peers that each send 3.9 MB of a message of 4 MB, and then nothing, hold more
///   than the heap of a small node, and none of them breaks a rule alone.
/// - Inbound ones lose first, then those that we dialled; those with the permission `noban` never.
///   *Rationale:* whom we chose is worth more than who came, and whom the operator trusts is his business.
/// - Who holds no more than an equal share of the limit is never closed.
///   *Rationale:* nobody pays for the greed of others, nor for that of peers which cannot be closed.
///
/// Safe for use by any thread. To hold costs two additions; connections are looked through only over the
/// limit, where each look but the last ends one of them.
final class ReceiveBudget {
    /// The limit where the heap is large enough.
    ///
    /// *Rationale:* 64 of the largest messages. Ten outbound peers that each send a block of that size, all
    /// at the same moment, hold a sixth of it, and honest inbound peers send hardly more than transactions.
    static final long MOST_BYTES = 256_000_000;

    /// One in so many bytes of the heap at most.
    ///
    /// *Rationale:* what is closed is free only after the engine has heard of it and the memory was
    /// collected; coins, mempool and blocks need the rest.
    private static final int HEAP_SHARES = 4;

    private final long most;
    private final Log log;
    private final AtomicLong held = new AtomicLong();
    private final Set<Account> accounts = ConcurrentHashMap.newKeySet();

    /// Guards the choice of who is closed, so that two that are over at once do not close two.
    private final ReentrantLock choice = new ReentrantLock();

    /// @param most bytes that may be held
    ReceiveBudget(long most, Log log) {
        this.most = most;
        this.log = log;
    }

    /// The limit that fits this process, in bytes.
    static long fitting() {
        return Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARES);
    }

    /// Memory that a transport takes for a message of which so many bytes came: its array doubles when it is
    /// full, up to the largest message.
    static long takenBy(long bytes) {
        return Math.max(bytes, Math.min(2 * bytes, V1Transport.MAX_PAYLOAD_BYTES));
    }

    /// Memory that a whole message takes while it waits, in bytes.
    ///
    /// *Rationale:* the lists of ids, the largest that many peers send at a time, stay the bytes that they
    /// are until they are looked at; what else is decoded becomes larger.
    static long takenBy(String command, int wireBytes) {
        return switch (command) {
            case Inv.COMMAND, GetData.COMMAND, NotFound.COMMAND ->
                    (long) wireBytes + ReadBudget.MESSAGE_BYTES;
            default -> ReadBudget.taking(wireBytes);
        };
    }

    /// The same of what a reader posts to the engine; 0 if it is no message.
    static long takenBy(PeerInput input) {
        return switch (input) {
            case PeerInput.Received each -> takenBy(each.message().command(), each.wireBytes());
            case PeerInput.Malformed each -> takenBy(each.command(), each.wireBytes());
            case PeerInput.Dropped each -> takenBy("", each.wireBytes());
            case PeerInput.Decoy each -> takenBy("", each.wireBytes());
            default -> 0;
        };
    }

    /// Bytes that are held.
    long held() {
        return held.get();
    }

    /// An account of a new connection.
    ///
    /// @param name for the log
    /// @param outbound whether we dialled
    /// @param close ends the connection, for the reason that it is given
    Account open(String name, boolean outbound, Consumer<String> close) {
        var account = new Account(name, outbound, close);
        accounts.add(account);
        return account;
    }

    private boolean isOver() {
        return held.get() > most;
    }

    private void closeLargest() {
        while (isOver()) {
            Optional<Account> loser = takeLoser();
            if (loser.isEmpty()) {
                return;
            }
            // Not under the lock: to close takes locks of the connection.
            loser.get().close.accept("receive budget exceeded");
        }
    }

    /// Settles the account of who is to be closed, if anybody is.
    private Optional<Account> takeLoser() {
        choice.lock();
        try {
            if (!isOver()) {
                return Optional.empty();
            }
            long share = most / Math.max(1, accounts.size());
            Optional<Account> loser = largest(each -> !each.isOutbound(), share);
            if (loser.isEmpty()) {
                loser = largest(Account::isOutbound, share);
            }
            loser.ifPresent(
                    each -> {
                        long sum = held.get();
                        long bytes = each.settle();
                        log.debug(
                                LogCategory.NET,
                                () ->
                                        "receive budget exceeded ("
                                                + sum
                                                + " of "
                                                + most
                                                + " bytes): closing "
                                                + each.name
                                                + ", which holds "
                                                + bytes);
                    });
            return loser;
        } finally {
            choice.unlock();
        }
    }

    private Optional<Account> largest(Predicate<Account> among, long share) {
        Account largest = null;
        long atLeast = share;
        for (Account each : accounts) {
            long bytes = each.bytes.get();
            if (bytes > atLeast && !each.spared && among.test(each)) {
                largest = each;
                atLeast = bytes;
            }
        }
        return Optional.ofNullable(largest);
    }

    /// What one connection holds.
    final class Account {
        private static final long SETTLED = Long.MIN_VALUE;

        private final String name;
        private final boolean outbound;
        private final Consumer<String> close;
        private final AtomicLong bytes = new AtomicLong();
        private volatile boolean spared;

        private Account(String name, boolean outbound, Consumer<String> close) {
            this.name = name;
            this.outbound = outbound;
            this.close = close;
        }

        /// Whether we dialled.
        boolean isOutbound() {
            return outbound;
        }

        /// The connection has the permission `noban`: it is not closed for what it holds.
        void spare() {
            spared = true;
        }

        /// Holds more bytes, or fewer if negative. Over the limit connections are closed before this returns,
        /// this one among them if it holds most. Nothing happens after [#settle].
        void add(long more) {
            if (more == 0 || !count(more)) {
                return;
            }
            if (more > 0 && isOver()) {
                closeLargest();
            }
        }

        private boolean count(long more) {
            long before = bytes.get();
            while (before != SETTLED) {
                if (bytes.compareAndSet(before, before + more)) {
                    held.addAndGet(more);
                    return true;
                }
                before = bytes.get();
            }
            return false;
        }

        /// The connection ends and holds nothing any more.
        ///
        /// @return what it held
        long settle() {
            accounts.remove(this);
            long last = bytes.getAndSet(SETTLED);
            if (last == SETTLED) {
                return 0;
            }
            held.addAndGet(-last);
            return last;
        }
    }
}
