package weft.app;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.log.FileLog;
import weft.app.node.MockableTime;

/// Options of the log.
final class LogArgs {
    private LogArgs() {}

    /// Opens the log that the options ask for.
    static FileLog open(Args args, Path folder, MockableTime time) throws IOException {
        Optional<Path> file =
                args.isNegated("debuglogfile")
                        ? Optional.empty()
                        : Optional.of(
                                folder.resolve(args.text("debuglogfile").orElse("debug.log")));
        var options =
                new FileLog.Options(
                        file,
                        args.flag("printtoconsole", true),
                        args.flag("logtimemicros", false),
                        args.flag("logthreadnames", false),
                        args.list("loglevel").contains("trace"));
        FileLog log;
        try {
            log =
                    FileLog.open(
                            options,
                            () ->
                                    time.isMocked()
                                            ? Optional.of(
                                                    Instant.ofEpochSecond(time.now().unixSeconds()))
                                            : Optional.empty());
        } catch (IOException e) {
            throw new ArgsFault(
                    "Could not open debug log file " + file.map(Path::toString).orElse(""));
        }
        args.list("debug")
                .forEach(
                        name -> {
                            if (!log.set(name, true)) {
                                log.warning("Unsupported logging category -debug=" + name + ".");
                            }
                        });
        args.list("debugexclude")
                .forEach(
                        name -> {
                            if (!log.set(name, false)) {
                                log.warning(
                                        "Unsupported logging category -debugexclude=" + name + ".");
                            }
                        });
        return log;
    }
}
