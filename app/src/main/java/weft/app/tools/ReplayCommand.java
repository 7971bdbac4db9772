package weft.app.tools;

import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import weft.app.record.RecordFile;
import weft.app.record.ReplayTally;
import weft.p2p.record.EngineStart;
import weft.p2p.record.Replay;
import weft.primitives.Bytes;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;

/// `weft replay FILE`: gives what a node recorded to an engine of this program.
@Command(
        name = "replay",
        description = {
            "Play a recording (weftd -record=FILE) again, without a network: build the same peer"
                    + " engine,",
            "give it the same inputs at the same times, and compare every decision.",
            "Exit code 0 if all are the same, 1 at the first that is not, or if the file is"
                    + " damaged."
        },
        mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The recording.")
    private Path file = Path.of("");

    @Option(names = "--inputs", description = "Print each input, and what came of it, in a line.")
    private boolean inputs;

    @Option(names = "--quiet", description = "Print the verdict only.")
    private boolean quiet;

    private final PrintStream out;
    private final ReplayTally tally = new ReplayTally();
    private long count;

    /// A command that prints to standard output.
    public ReplayCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() {
        try (RecordFile recording = RecordFile.open(file)) {
            Optional<Bytes> first = recording.next();
            if (first.isEmpty()) {
                return refuse(file + " holds no recording");
            }
            var replay = new Replay(first.get(), Log.NONE);
            if (!quiet) {
                print(replay.start());
            }
            return play(replay, recording);
        } catch (NoSuchFileException _) {
            return refuse("there is no file " + file);
        } catch (EOFException _) {
            return refuse(file + " breaks off before the first input");
        } catch (IOException | MalformedBytes e) {
            return refuse(String.valueOf(e.getMessage()));
        }
    }

    private static int refuse(String why) {
        System.err.println("Error: " + ReplayTally.printable(why));
        return 1;
    }

    private void print(EngineStart start) {
        out.println("Recorded by " + ReplayTally.printable(start.program()));
        out.println("Network:     " + start.chain().network().chainName());
        out.println("Begun:       " + start.begin().wall());
        out.println("Bans:        " + start.bans().entries().size());
        out.println("Anchors:     " + start.options().sources().anchors().size());
    }

    private int play(Replay replay, RecordFile recording) throws IOException {
        long begun = System.nanoTime();
        String broken = "";
        boolean damaged = false;
        try {
            for (var piece = recording.next(); piece.isPresent(); piece = recording.next()) {
                Replay.Step step = replay.next(piece.get());
                count = step.number();
                tally.add(step);
                if (inputs) {
                    out.println(ReplayTally.line(step));
                }
                if (step.difference().isPresent()) {
                    return differ(replay, step, step.difference().get());
                }
            }
            if (!recording.isEnded()) {
                broken = "the node was not stopped in order";
            }
        } catch (EOFException e) {
            broken = String.valueOf(e.getMessage());
        } catch (MalformedBytes e) {
            damaged = true;
            broken = String.valueOf(e.getMessage());
        }
        if (!quiet) {
            tally.print(out);
            double seconds = (System.nanoTime() - begun) / 1e9;
            out.printf(Locale.ROOT, "Replayed in %.1f s%n", seconds);
        }
        if (!broken.isEmpty()) {
            System.err.printf(
                    "%s: the recording is good up to input %d, byte %d: %s%n",
                    damaged ? "Error" : "Note", count, recording.goodBytes(), broken);
        }
        out.println(count + " inputs, every decision the same");
        return damaged ? 1 : 0;
    }

    private int differ(Replay replay, Replay.Step step, int place) {
        if (!quiet) {
            tally.print(out);
        }
        long nanos = step.now().monotonicNanos();
        out.println("Input " + step.number() + " is the first that is decided differently.");
        out.println("time:     " + step.now().wall() + ", monotonic " + nanos + " ns");
        out.println("begun:    " + replay.start().begin().wall());
        out.println("input:    " + ReplayTally.printable(step.input().toString()));
        out.println("expected: " + ReplayTally.list(step.recorded()));
        out.println("found:    " + ReplayTally.list(step.found()));
        out.println("differs:  decision " + (place + 1));
        return 1;
    }
}
