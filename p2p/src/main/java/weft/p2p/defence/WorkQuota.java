package weft.p2p.defence;

import java.util.LinkedHashMap;
import java.util.Map;
import weft.p2p.PeerId;

/// How much work peers that nobody chose may make us, all together and each its share; work is time of the
/// processor.
///
/// Time that passes gives all of them together so many nanoseconds a second, in equal parts to each account
/// that is not full; what full accounts leave goes into a common pot. Work is paid from the account of who
/// made it, then from the pot, and what neither has is a debt. Who has a debt is not heard until it is paid.
///
/// So whoever works us little is heard at once however many others flood us; one alone may have all there is;
/// and a burst has the pot. Knows no clock; not thread-safe.
public final class WorkQuota {
    /// Percent of one core that they may take together.
    ///
    /// *Rationale:* less than a third, for what is counted here is not all that messages cost: sockets, the
    /// collector, and the chain engine come on top. All honest inbound peers of a node take a hundredth.
    public static final int DEFAULT_PERCENT = 30;

    /// What an account holds.
    ///
    /// *Rationale:* an honest peer's largest honest message (50,000 ids) twice over; and 125 full accounts
    /// are spent within three seconds.
    public static final long OWN_MAX_NANOS = 20_000_000;

    /// What the pot holds.
    ///
    /// *Rationale:* two seconds of all: thousands of announcements or hundreds of old blocks at once.
    public static final long POT_MAX_NANOS = 500_000_000;

    private static final long PERCENT = 100;

    private static final class Account {
        long nanos;
        long waitedNanos;
    }

    private final Map<PeerId, Account> accounts = new LinkedHashMap<>();
    private long percent = DEFAULT_PERCENT;
    private long pot = POT_MAX_NANOS;

    /// A full pot and no accounts.
    public WorkQuota() {}

    /// Changes how much they may take together.
    ///
    /// @param ofACore percent of one core, 1 or more; 0 to let everybody go on whatever it costs
    public void limitTo(int ofACore) {
        percent = ofACore;
    }

    /// A peer comes that has to keep to a share. Its account is empty.
    ///
    /// *Rationale:* who comes again and again shall gain nothing by it.
    public void join(PeerId peer) {
        accounts.putIfAbsent(peer, new Account());
    }

    /// A peer is gone, and its debt with it.
    public void onGone(PeerId peer) {
        accounts.remove(peer);
    }

    /// Whether a peer has an account.
    public boolean limits(PeerId peer) {
        return accounts.containsKey(peer);
    }

    /// A peer made us work; nothing if it has no account.
    ///
    /// @param nanos 0 or more
    public void charge(PeerId peer, long nanos) {
        Account account = accounts.get(peer);
        if (account == null || percent == 0) {
            return;
        }
        long own = Math.clamp(account.nanos, 0, nanos);
        long common = Math.min(pot, nanos - own);
        pot -= common;
        account.nanos -= nanos - common;
    }

    /// The work was worth it after all.
    ///
    /// @param nanos as they were charged
    public void refund(PeerId peer, long nanos) {
        Account account = accounts.get(peer);
        if (account == null) {
            return;
        }
        long own = Math.min(nanos, OWN_MAX_NANOS - account.nanos);
        account.nanos += own;
        pot = Math.min(POT_MAX_NANOS, pot + nanos - own);
    }

    /// Whether a peer has a debt.
    public boolean isOver(PeerId peer) {
        Account account = accounts.get(peer);
        return account != null && percent > 0 && (account.nanos < 0 || account.nanos + pot == 0);
    }

    /// A peer was really held up; who has a debt and sends nothing is not.
    ///
    /// @param nanos how long since this was last said
    public void onWaited(PeerId peer, long nanos) {
        Account account = accounts.get(peer);
        if (account != null) {
            account.waitedNanos += nanos;
        }
    }

    /// How long a peer had to wait so far, in nanoseconds.
    public long waitedNanos(PeerId peer) {
        Account account = accounts.get(peer);
        return account == null ? 0 : account.waitedNanos;
    }

    /// Time passed.
    ///
    /// @param nanos since the last call
    public void pass(long nanos) {
        if (percent == 0) {
            return;
        }
        long left = nanos * percent / PERCENT;
        for (int open = open(); left > 0 && open > 0; open = open()) {
            long share = left / open;
            if (share == 0) {
                break;
            }
            for (Account each : accounts.values()) {
                long given = Math.min(share, OWN_MAX_NANOS - each.nanos);
                each.nanos += given;
                left -= given;
            }
        }
        pot = Math.min(POT_MAX_NANOS, pot + left);
    }

    private int open() {
        int open = 0;
        for (Account each : accounts.values()) {
            open += each.nanos < OWN_MAX_NANOS ? 1 : 0;
        }
        return open;
    }

    /// What is in a peer's account, in nanoseconds: less than 0 for a debt, 0 where there is none.
    public long balance(PeerId peer) {
        Account account = accounts.get(peer);
        return account == null ? 0 : account.nanos;
    }

    /// What is in the pot. For tests.
    long pot() {
        return pot;
    }
}
