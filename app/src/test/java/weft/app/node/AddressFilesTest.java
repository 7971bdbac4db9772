package weft.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AcquaintancesFile;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.wire.NetAddress;

class AddressFilesTest {
    private static final Bytes MAGIC = Bytes.parse("fabfb5da");
    private static final NetAddress ADDRESS = NetAddress.parse("1.2.3.4", 8333);

    @TempDir Path folder;

    @Test
    @DisplayName(
            "S-65 S-66 what was seen of nodes survives a restart; a damaged file is as good as none")
    void shouldKeepAcquaintances() throws IOException {
        var files = new AddressFiles(folder, MAGIC, NodeSettings.Book.USUAL);
        assertThat(files.readAcquaintances(Log.NONE).size()).isZero();
        var all = new Acquaintances();
        all.met(ADDRESS, "/weft:1/", 1_700_000_000);
        files.writeAcquaintances(AcquaintancesFile.write(all, MAGIC), Log.NONE);
        assertThat(files.readAcquaintances(Log.NONE).find(ADDRESS)).isNotNull();

        Path file = folder.resolve("acquaintances.dat");
        byte[] content = Files.readAllBytes(file);
        content[10] ^= 1;
        Files.write(file, content);
        assertThat(files.readAcquaintances(Log.NONE).size()).isZero();
        var other = new AddressFiles(folder, Bytes.parse("f9beb4d9"), NodeSettings.Book.USUAL);
        assertThat(other.readAcquaintances(Log.NONE).size()).isZero();
    }
}
