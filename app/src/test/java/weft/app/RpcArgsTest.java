package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.primitives.log.Log;
import weft.server.http.HttpService;

class RpcArgsTest {
    @TempDir private Path folder;

    private HttpService.Options http(String... words) throws IOException {
        return RpcArgs.http(Args.parse(words), 18_443, folder.resolve(".cookie"), Log.NONE);
    }

    @Test
    void shouldReadListsOfMethods() {
        var access =
                RpcArgs.access(
                        Args.parse(
                                new String[] {
                                    "-rpcwhitelist=a:one,two, three",
                                    "-rpcwhitelist=a:two,three,four",
                                    "-rpcwhitelist=b"
                                }));
        assertThat(access.allowed()).isEqualTo(Map.of("a", Set.of("two", "three"), "b", Set.of()));
        assertThat(access.everythingByDefault()).isFalse();
    }

    @Test
    void shouldAllowEverythingWhereNothingIsSaid() {
        assertThat(RpcArgs.access(Args.parse(new String[] {})).everythingByDefault()).isTrue();
        String[] both = {"-rpcwhitelist=a:b", "-rpcwhitelistdefault=0"};
        assertThat(RpcArgs.access(Args.parse(both)).everythingByDefault()).isTrue();
        String[] alone = {"-rpcwhitelistdefault"};
        assertThat(RpcArgs.access(Args.parse(alone)).everythingByDefault()).isFalse();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void shouldLetOthersReadTheCookieWhereTheyMay() throws IOException {
        for (Map.Entry<String, String> each :
                Map.of("owner", "rw-------", "group", "rw-r-----", "all", "rw-r--r--").entrySet()) {
            http("-rpccookieperms=" + each.getKey());
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(folder.resolve(".cookie"))))
                    .isEqualTo(each.getValue());
        }
        assertThat(Files.readString(folder.resolve(".cookie"))).startsWith("__cookie__:");
    }

    @Test
    void shouldRefuseWrongLogins() throws IOException {
        for (String each :
                new String[] {"-rpccookieperms=me", "-rpcauth=foo", "-rpcauth=foo:bar:baz"}) {
            assertThatThrownBy(() -> http(each))
                    .isInstanceOf(ArgsFault.class)
                    .hasMessage(RpcArgs.CANNOT_START);
        }
        http("-rpcauth=");
        Files.delete(folder.resolve(".cookie"));
        Files.createDirectory(folder.resolve(".cookie.tmp"));
        assertThatThrownBy(() -> http()).hasMessage(RpcArgs.CANNOT_START);
    }

    @Test
    void shouldTakeTimesAndSizes() throws IOException {
        HttpService.Options options =
                http("-rpcservertimeout=7", "-rpcthreads=0", "-rpcworkqueue=3", "-rpcport=5");
        assertThat(options.idle()).isEqualTo(Duration.ofSeconds(7));
        assertThat(options.workers()).isEqualTo(1);
        assertThat(options.queue()).isEqualTo(3);
        assertThat(options.binds()).allSatisfy(each -> assertThat(each.getPort()).isEqualTo(5));
        assertThatThrownBy(() -> http("-rpcport=65536"))
                .hasMessage("Invalid port specified in -rpcport: '65536'");
    }

    @Test
    void shouldListenToOthersOnlyWhereTheyAreNamed() throws IOException {
        assertThat(http("-rpcbind=0.0.0.0").binds())
                .allSatisfy(each -> assertThat(each.getAddress().isLoopbackAddress()).isTrue());
        assertThat(http("-rpcbind=127.0.0.2:7", "-rpcbind=[::1]", "-rpcallowip=10.0.0.0/8").binds())
                .extracting(Object::toString)
                .containsExactly("/127.0.0.2:7", "/[0:0:0:0:0:0:0:1]:18443");
    }
}
