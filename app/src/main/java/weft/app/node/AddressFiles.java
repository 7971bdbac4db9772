package weft.app.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.random.RandomGenerator;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AcquaintancesFile;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.AddrManFile;
import weft.p2p.addr.NetGroups;
import weft.primitives.Bytes;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;
import weft.wire.AddressEntry;

/// Addresses on disk. In Bitcoin Core's form: the book, `peers.dat`, and those of the last run that come
/// first, `anchors.dat`. In a form of our own: what was seen of nodes, `acquaintances.dat`, since Core's has
/// no place for that.
public final class AddressFiles {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int ANCHORS_MAX = 2;

    /// Where Bitcoin Core's message names the page of its issues.
    private static final String BUG_REPORTS = "the maintainers of weft";

    private final Path file;
    private final Path anchors;
    private final Path met;
    private final Bytes magic;
    private final NodeSettings.Book options;

    /// @param folder of the network
    public AddressFiles(Path folder, Bytes magic, NodeSettings.Book options) {
        this.file = folder.resolve("peers.dat");
        this.anchors = folder.resolve("anchors.dat");
        this.met = folder.resolve("acquaintances.dat");
        this.magic = magic;
        this.options = options;
    }

    /// Reads the book, or begins a new one where there is no file.
    ///
    /// @throws NodeFault if the file is damaged: one line that says what to do
    public AddrMan read(NetGroups groups, RandomGenerator random, Log log) {
        AddrMan book = readOrBegin(groups, random, log);
        book.checkEvery(options.checkEvery());
        return book;
    }

    private AddrMan readOrBegin(NetGroups groups, RandomGenerator random, Log log) {
        long start = System.nanoTime();
        try {
            if (!Files.exists(file)) {
                log.info("Creating peers.dat because the file was not found (\"" + file + "\")");
                return begin(groups, random, log);
            }
            AddrMan book =
                    AddrManFile.read(
                            Bytes.wrap(Files.readAllBytes(file)), magic, groups, random, log);
            long millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
            log.info("Loaded " + book.size() + " addresses from peers.dat  " + millis + "ms");
            return book;
        } catch (AddrManFile.UnsupportedFormat e) {
            return replaced(groups, random, log);
        } catch (IOException | MalformedBytes e) {
            throw new NodeFault(
                    "Invalid or corrupt peers.dat ("
                            + e.getMessage()
                            + "). If you believe this is a bug, please report it to "
                            + BUG_REPORTS
                            + ". "
                            + "As a workaround, you can move the file (\""
                            + file
                            + "\") out of the way (rename, move, or delete) to have a new one"
                            + " created on the next start.",
                    e);
        }
    }

    private AddrMan begin(NetGroups groups, RandomGenerator random, Log log) {
        Bytes key = options.knownKey() ? AddrMan.DETERMINISTIC_KEY : AddrMan.newKey(random);
        var book = new AddrMan(key, groups, random, log);
        write(AddrManFile.write(book, magic), log);
        return book;
    }

    private AddrMan replaced(NetGroups groups, RandomGenerator random, Log log) {
        Path backup = file.resolveSibling("peers.dat.bak");
        try {
            Files.move(file, backup, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new NodeFault(
                    "Failed to rename invalid peers.dat file. Please move or delete it and try"
                            + " again.",
                    e);
        }
        log.warning(
                "Creating new peers.dat because the file version was not compatible (\""
                        + file
                        + "\"). Original backed up to peers.dat.bak");
        return begin(groups, random, log);
    }

    /// Writes the book, so that a crash leaves the old one or the new one.
    ///
    /// @param book as [AddrManFile#write] gives it
    public void write(Bytes book, Log log) {
        replace(file, book, log);
    }

    private static void replace(Path file, Bytes content, Log log) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(fresh, content.toByteArray());
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.error("Cannot write " + file + ": " + e.getMessage());
        }
    }

    /// Reads what was seen of nodes. A file that is damaged is as good as none.
    public Acquaintances readAcquaintances(Log log) {
        try {
            if (Files.exists(met)) {
                return AcquaintancesFile.read(Bytes.wrap(Files.readAllBytes(met)), magic);
            }
        } catch (IOException | MalformedBytes e) {
            log.warning("Ignoring acquaintances.dat: " + e.getMessage());
        }
        return new Acquaintances();
    }

    /// Writes what was seen of nodes, as [AcquaintancesFile#write] gives it.
    public void writeAcquaintances(Bytes all, Log log) {
        replace(met, all, log);
    }

    /// Reads the addresses to dial first, and deletes their file: a start that ends badly is no reason to
    /// dial them again. A file that is damaged is as good as none.
    public List<AddressEntry> takeAnchors(Log log) {
        List<AddressEntry> found = List.of();
        try {
            if (Files.exists(anchors)) {
                Bytes content = Bytes.wrap(Files.readAllBytes(anchors));
                found = AddrManFile.readAnchors(content, magic);
                log.info("Loaded " + found.size() + " addresses from \"anchors.dat\"");
            }
        } catch (IOException | MalformedBytes e) {
            log.warning("Ignoring anchors.dat: " + e.getMessage());
        }
        try {
            Files.deleteIfExists(anchors);
        } catch (IOException e) {
            log.error("Cannot delete " + anchors + ": " + e.getMessage());
        }
        List<AddressEntry> first = found.subList(0, Math.min(ANCHORS_MAX, found.size()));
        log.info(first.size() + " block-relay-only anchors will be tried for connections.");
        return first;
    }

    /// Writes the addresses to dial first after the next start.
    public void writeAnchors(List<AddressEntry> first, Log log) {
        log.info(
                "DumpAnchors: Flush "
                        + first.size()
                        + " outbound block-relay-only peer addresses to anchors.dat");
        replace(anchors, AddrManFile.writeAnchors(first, magic), log);
    }
}
