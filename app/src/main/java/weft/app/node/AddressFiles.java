package weft.app.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.random.RandomGenerator;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.AddrManFile;
import weft.p2p.addr.NetGroups;
import weft.primitives.Bytes;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;

/// The address book on disk: `peers.dat`, in Bitcoin Core's form.
public final class AddressFiles {
    private final Path file;
    private final Bytes magic;

    /// @param folder of the network
    public AddressFiles(Path folder, Bytes magic) {
        this.file = folder.resolve("peers.dat");
        this.magic = magic;
    }

    /// Reads the book, or begins a new one where there is no file.
    ///
    /// @throws NodeFault if the file is damaged: one line that says what to do
    public AddrMan read(NetGroups groups, RandomGenerator random, Log log) {
        try {
            if (!Files.exists(file)) {
                log.info("Creating peers.dat because the file was not found (\"" + file + "\")");
                return new AddrMan(AddrMan.newKey(random), groups, random, log);
            }
            return AddrManFile.read(
                    Bytes.wrap(Files.readAllBytes(file)), magic, groups, random, log);
        } catch (AddrManFile.UnsupportedFormat e) {
            return replaced(groups, random, log);
        } catch (IOException | MalformedBytes e) {
            throw new NodeFault(
                    "Invalid or corrupt peers.dat ("
                            + e.getMessage()
                            + "). If you believe this is a bug, please report it. "
                            + "As a workaround, you can move the file (\""
                            + file
                            + "\") out of the way (rename, move, or delete) to have a new one created on the"
                            + " next start.",
                    e);
        }
    }

    private AddrMan replaced(NetGroups groups, RandomGenerator random, Log log) {
        Path backup = file.resolveSibling("peers.dat.bak");
        try {
            Files.move(file, backup, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new NodeFault(
                    "Failed to rename invalid peers.dat file. Please move or delete it and try again.",
                    e);
        }
        log.warning(
                "Creating new peers.dat because the file version was not compatible (\""
                        + file
                        + "\"). Original backed up to peers.dat.bak");
        return new AddrMan(AddrMan.newKey(random), groups, random, log);
    }

    /// Writes the book, so that a crash leaves the old one or the new one.
    ///
    /// @param book as [AddrManFile#write] gives it
    public void write(Bytes book, Log log) {
        Path fresh = file.resolveSibling("peers.dat.new");
        try {
            Files.write(fresh, book.toByteArray());
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.error("Cannot write " + file + ": " + e.getMessage());
        }
    }
}
