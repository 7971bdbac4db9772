package weft.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import weft.chain.store.StoreException;

/// The data folder of one network, locked for this process, with its subfolders.
///
/// Opening refuses, in one line, a folder that another process uses, that cannot be written to, or that
/// holds another network.
public final class Disk implements AutoCloseable {
    private final Path folder;
    private final Path blocks;
    private final List<FileChannel> locks;

    private Disk(Path folder, Path blocks, List<FileChannel> locks) {
        this.folder = folder;
        this.blocks = blocks;
        this.locks = locks;
    }

    /// Opens and locks a folder, which is created where it is missing.
    ///
    /// @param folder of one network, for instance `~/.weft/regtest`
    /// @param blocks where block files go, by default `blocks` in the folder
    /// @param network name and genesis of the network, one line: what the folder is marked with
    /// @param program name of this program for the message of a locked folder
    /// @throws StoreException if the folder cannot be used
    public static Disk open(Path folder, Path blocks, String network, String program) {
        PrivateFiles.createFolder(folder);
        if (!Files.isWritable(folder)) {
            throw new StoreException(
                    "Cannot write to data directory '" + folder + "'; check permissions.");
        }
        var locks = new ArrayList<FileChannel>();
        try {
            locks.add(lock(folder, "data directory", program));
            mark(folder, network);
            PrivateFiles.createFolder(blocks);
            if (!blocks.startsWith(folder)) {
                // The data folders of others may share it.
                locks.add(lock(blocks, "directory", program));
            }
            return new Disk(folder, blocks, locks);
        } catch (StoreException e) {
            unlock(locks);
            throw e;
        }
    }

    /// Opens a folder with the block files inside.
    public static Disk open(Path folder, String network, String program) {
        return open(folder, folder.resolve("blocks"), network, program);
    }

    /// Opens the folder of a node that keeps no blocks: no folder is made for them, and one that is there is
    /// left alone.
    ///
    /// @param network name and genesis of the network, one line: what the folder is marked with
    /// @param program name of this program for the message of a locked folder
    /// @throws StoreException if the folder cannot be used
    public static Disk openWithoutBlocks(Path folder, String network, String program) {
        return open(folder, folder, network, program);
    }

    private static FileChannel lock(Path folder, String what, String program) {
        Path file = folder.resolve(".lock");
        PrivateFiles.createFile(file);
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
            try {
                if (channel.tryLock() != null) {
                    return channel;
                }
            } catch (OverlappingFileLockException _) {
                // Another Disk of this very process holds it; the same answer.
            }
            channel.close();
        } catch (IOException e) {
            throw PrivateFiles.failure("lock", file, e);
        }
        throw new StoreException(
                "Cannot obtain a lock on "
                        + what
                        + " "
                        + folder
                        + ". "
                        + program
                        + " is probably already running.");
    }

    private static void unlock(List<FileChannel> locks) {
        try {
            for (FileChannel each : locks) {
                each.close();
            }
        } catch (IOException e) {
            throw new StoreException("cannot unlock the data folder: " + e.getMessage(), e);
        }
    }

    private static void mark(Path folder, String network) {
        Path file = folder.resolve(".network");
        try {
            if (!Files.exists(file)) {
                PrivateFiles.replace(file, (network + "\n").getBytes(StandardCharsets.UTF_8));
                return;
            }
            String found = Files.readString(file).strip();
            if (!found.equals(network)) {
                throw new StoreException(
                        "The data directory "
                                + folder
                                + " belongs to the network "
                                + found
                                + ", not to "
                                + network
                                + ".");
            }
        } catch (IOException e) {
            throw PrivateFiles.failure("read", file, e);
        }
    }

    /// The folder itself.
    public Path folder() {
        return folder;
    }

    /// Where block files go.
    public Path blocks() {
        return blocks;
    }

    /// A subfolder, created where it is missing.
    ///
    /// @param name for instance `chainstate`, `indexes/txindex`
    public Path subfolder(String name) {
        Path sub = folder.resolve(name);
        PrivateFiles.createFolder(sub);
        return sub;
    }

    /// A file of the folder, which need not be there.
    public Path file(String name) {
        return folder.resolve(name);
    }

    /// Writes down a word that a crash, also of the machine, does not take back.
    ///
    /// @param word small letters
    public void note(String word) {
        PrivateFiles.replace(noteFile(word), new byte[] {'1', '\n'});
    }

    /// Whether a word was written down and not struck out since.
    public boolean isNoted(String word) {
        return Files.exists(noteFile(word));
    }

    /// Strikes out a word.
    public void strikeOut(String word) {
        Path file = noteFile(word);
        try {
            if (Files.deleteIfExists(file)) {
                PrivateFiles.syncFolder(file);
            }
        } catch (IOException e) {
            throw PrivateFiles.failure("delete", file, e);
        }
    }

    private Path noteFile(String word) {
        return folder.resolve("." + word);
    }

    /// Free space for this user in bytes.
    public long freeBytes() {
        return folder.toFile().getUsableSpace();
    }

    /// Makes sure that there is room to begin at all.
    ///
    /// @throws StoreException if there is not, naming the folder
    public void checkSpace(long bytes) {
        for (Path each : List.of(folder, blocks)) {
            if (each.toFile().getUsableSpace() < bytes) {
                throw new StoreException("Disk space is low for \"" + each + "\"");
            }
        }
    }

    /// Gives the folder free for other processes; close what is inside before.
    @Override
    public void close() {
        unlock(locks);
    }
}
