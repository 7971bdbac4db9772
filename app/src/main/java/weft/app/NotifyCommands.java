package weft.app;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import weft.app.args.Args;
import weft.primitives.log.Log;

/// Commands of the operator that the shell runs when something happens: `-startupnotify`, `-blocknotify`,
/// `-alertnotify`, `-shutdownnotify`. What they print goes where the node prints; nobody waits for them but
/// the shutdown.
final class NotifyCommands {
    private static final String PLACE = "%s";

    /// What a warning may have that is given to the shell.
    private static final String SAFE = " .,;-_/:?@()";

    private final Optional<String> onStart;
    private final Optional<String> onBlock;
    private final Optional<String> onAlert;
    private final List<String> onShutdown;
    private final Log log;
    private final TreeSet<String> alerted = new TreeSet<>();

    NotifyCommands(Args args, Log log) {
        this.onStart = args.text("startupnotify");
        this.onBlock = args.text("blocknotify");
        this.onAlert = args.text("alertnotify");
        this.onShutdown = args.list("shutdownnotify");
        this.log = log;
    }

    /// Whether anybody wants to hear of warnings.
    boolean wantsAlerts() {
        return onAlert.isPresent();
    }

    /// The node answers.
    void started() {
        onStart.ifPresent(this::begin);
    }

    /// The chain has another tip, near the network's.
    void newTip(String hash) {
        onBlock.ifPresent(command -> begin(command.replace(PLACE, hash)));
    }

    /// What is wrong now; each warning is told once as long as it lasts. One thread calls this.
    void warnings(List<String> now) {
        alerted.retainAll(now);
        for (String warning : now) {
            if (alerted.add(warning)) {
                onAlert.ifPresent(command -> begin(command.replace(PLACE, quoted(warning))));
            }
        }
    }

    /// One argument for the shell, in which nothing can end the quotes.
    static String quoted(String text) {
        var safe = new StringBuilder("'");
        text.chars()
                .filter(c -> (c < 0x80 && Character.isLetterOrDigit(c)) || SAFE.indexOf(c) >= 0)
                .forEach(c -> safe.append((char) c));
        return safe.append('\'').toString();
    }

    /// The node ends; returns when the commands have.
    void stopping() {
        List<Thread> running = new ArrayList<>();
        onShutdown.forEach(command -> running.add(begin(command)));
        for (Thread each : running) {
            try {
                each.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Thread begin(String command) {
        return Thread.ofPlatform().daemon().name("weft-notify").start(() -> run(command));
    }

    private void run(String command) {
        try {
            int code =
                    new ProcessBuilder("/bin/sh", "-c", command)
                            .inheritIO()
                            .redirectInput(new File("/dev/null"))
                            .start()
                            .waitFor();
            if (code != 0) {
                log.warning("runCommand error: system(" + command + ") returned " + code);
            }
        } catch (IOException e) {
            log.warning("runCommand error: cannot run " + command + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
