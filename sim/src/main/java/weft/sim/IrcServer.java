package weft.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// As much of an IRC server (RFC 1459) as Bitcoin's first versions spoke with: `NICK`, `USER`, `JOIN`, `WHO`,
/// `PING`, `QUIT`. Lines in, lines out; no socket.
final class IrcServer {
    static final int LINE_MAX = 512;

    private static final String NAME = "irc.example";
    private final Map<Session, Consumer<String>> sessions = new LinkedHashMap<>();
    private final Map<String, Set<Session>> channels = new LinkedHashMap<>();
    private boolean running = true;

    /// One connection.
    static final class Session {
        private @Nullable String nick;
        private boolean user;
        private boolean welcomed;
    }

    /// Somebody connects.
    ///
    /// @param out gets the lines for it; `ERROR` is the last
    /// @return null if the server is stopped
    @Nullable Session connect(Consumer<String> out) {
        if (!running) {
            return null;
        }
        var session = new Session();
        sessions.put(session, out);
        return session;
    }

    /// Closes the server for ever, as LFNet was.
    void stop() {
        running = false;
        for (Session each : new ArrayList<>(sessions.keySet())) {
            say(each, "ERROR :Closing Link");
        }
        sessions.clear();
        channels.clear();
    }

    /// Somebody says a line; too long a one, and one of whom is not there, is not heard.
    void hear(Session from, String line) {
        if (!sessions.containsKey(from) || line.length() > LINE_MAX) {
            return;
        }
        List<String> words = List.of(line.split(" ", -1));
        String argument = words.size() > 1 ? words.get(1) : "";
        switch (words.getFirst().toUpperCase(Locale.ROOT)) {
            case "NICK" -> nick(from, argument);
            case "USER" -> {
                from.user = true;
                welcome(from);
            }
            case "JOIN" -> join(from, argument);
            case "WHO" -> who(from, argument);
            case "PING" -> say(from, "PONG " + argument);
            case "QUIT" -> quit(from);
            default -> say(from, ":" + NAME + " 421 " + words.getFirst() + " :Unknown command");
        }
    }

    private void say(Session to, String line) {
        Consumer<String> out = sessions.get(to);
        if (out != null) {
            out.accept(line);
        }
    }

    private void nick(Session from, String nick) {
        boolean used = sessions.keySet().stream().anyMatch(each -> nick.equals(each.nick));
        if (nick.isEmpty() || used) {
            say(from, ":" + NAME + " 433 * " + nick + " :Nickname is already in use");
            return;
        }
        from.nick = nick;
        welcome(from);
    }

    private void welcome(Session to) {
        if (to.nick != null && to.user && !to.welcomed) {
            to.welcomed = true;
            say(to, ":" + NAME + " 001 " + to.nick + " :Welcome");
        }
    }

    private void join(Session from, String channel) {
        if (from.welcomed && channel.startsWith("#")) {
            Set<Session> crowd = channels.computeIfAbsent(channel, _ -> new LinkedHashSet<>());
            crowd.add(from);
            String line = ":" + from.nick + "!" + from.nick + "@somewhere JOIN :" + channel;
            List.copyOf(crowd).forEach(each -> say(each, line));
        }
    }

    private void who(Session from, String channel) {
        String head = ":" + NAME + " 352 " + from.nick + " " + channel + " ";
        for (Session each : channels.getOrDefault(channel, Set.of())) {
            say(from, head + each.nick + " somewhere " + NAME + " " + each.nick + " H :0 node");
        }
        say(from, ":" + NAME + " 315 " + from.nick + " " + channel + " :End of /WHO list.");
    }

    private void quit(Session from) {
        sessions.remove(from);
        channels.values().forEach(each -> each.remove(from));
    }
}
