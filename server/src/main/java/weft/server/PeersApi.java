package weft.server;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import weft.consensus.ChainParams;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.p2p.PeerEvent;
import weft.p2p.PeerId;
import weft.primitives.Now;
import weft.wire.NetworkId;

/// What the methods need of any running node, full or light: questions to its peer engine, on the thread that
/// owns it, and what belongs to the process. Implemented by the program.
public interface PeersApi {
    /// The network.
    ChainParams params();

    /// Runs something on the peer engine's thread and waits for the answer.
    ///
    /// @throws IllegalStateException if the node is shutting down
    <T> T onPeers(Function<PeerEngine, T> question);

    /// Gives the peer engine a command and waits until it is carried out.
    ///
    /// @return what the peer engine answered, among other events that came of it
    List<PeerEvent> commandPeers(PeerCommand command);

    /// Gives the peer engine a command that needs no answer, and waits until it is carried out.
    default void tellPeers(PeerCommand command) {
        commandPeers(command);
    }

    /// Tells the peer engine something that it answers with [PeerEvent.Answered].
    default PeerEvent.Answered askPeers(PeerCommand command) {
        for (PeerEvent each : commandPeers(command)) {
            if (each instanceof PeerEvent.Answered answer) {
                return answer;
            }
        }
        throw new IllegalStateException("the peer engine did not answer");
    }

    /// The time, which a test may have set.
    Now now();

    /// Sets the clock.
    ///
    /// @param unixSeconds 0 for the real one again
    void setMockTime(long unixSeconds);

    /// Lets everything that waits for a time think that so much passed.
    void forwardTime(Duration span);

    /// What the operator must be told now of the chain; empty if all is well.
    List<String> warnings();

    /// Whether the program was asked to stop; questions to the engines may then fail.
    boolean isStopping();

    /// Asks the program to stop; returns at once.
    void requestStop();

    /// What the operator decided at the start.
    Settings settings();

    /// Log categories that can be switched while running.
    Logging logging();

    /// Messages that are written to files.
    Capture capture();

    /// Messages that are written to files while they come and go.
    interface Capture {
        /// How things stand.
        ///
        /// @param peers of whom messages are written; empty for all
        /// @param bytes in all files together
        /// @param bytesMax at which it ends by itself
        record State(boolean on, Set<PeerId> peers, String folder, long bytes, long bytesMax) {}

        /// How things stand.
        State state();

        /// Writes messages from now on.
        ///
        /// @param peers of these only; empty for all
        void on(Set<PeerId> peers);

        /// Writes nothing any more.
        void off();
    }

    /// What the operator decided at the start.
    ///
    /// @param version of the program as one number, as Bitcoin Core counts
    /// @param deprecated methods and forms that are still answered (`-deprecatedrpc`)
    /// @param folder where its files are
    /// @param startedSeconds when the program started, in seconds since 1970
    /// @param role what the node is for (`-role`), in one word
    /// @param proxying what it goes through to other nodes
    /// @param privateBroadcast whether `sendrawtransaction` keeps to short-lived connections that do not tell
    ///     who we are (`-privatebroadcast`)
    record Settings(
            int version,
            Set<String> deprecated,
            Folder folder,
            long startedSeconds,
            String role,
            Proxying proxying,
            boolean privateBroadcast) {}

    /// Where a node's files are.
    ///
    /// @param path of the network's folder; relative paths begin there
    /// @param logFile path of the log
    record Folder(String path, String logFile) {}

    /// What the node goes through to other nodes.
    ///
    /// @param byNetwork the proxy of each network that has one, as text
    /// @param separate whether the proxies are told that each connection is of another user; never the one
    ///     of I2P
    record Proxying(Map<NetworkId, String> byNetwork, boolean separate) {
        /// Everything is dialled directly.
        public static final Proxying NONE = new Proxying(Map.of(), true);

        /// What `getnetworkinfo` calls the proxy of a network: empty for none.
        public String textOf(NetworkId network) {
            return byNetwork.getOrDefault(network, "");
        }

        /// Whether connections to a network are told apart on the way.
        public boolean isSeparate(NetworkId network) {
            return separate && network != NetworkId.I2P && byNetwork.containsKey(network);
        }
    }

    /// Log categories that can be switched while running.
    interface Logging {
        /// All categories by name.
        List<String> names();

        /// Whether a category is written.
        boolean isOn(String name);

        /// Switches a category, or all with `all` or `1`.
        ///
        /// @return false if there is no such category
        boolean set(String name, boolean on);
    }
}
