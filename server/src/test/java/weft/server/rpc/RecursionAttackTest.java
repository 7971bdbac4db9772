package weft.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;
import weft.server.json.Json;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Text and scripts that are nested deeper than a stack is.
class RecursionAttackTest implements SeenRed {
    private static final AddressPrefixes REGTEST =
            ChainParams.of(Network.REGTEST).addressPrefixes();
    private static final String KEY =
            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    private static final int DEEP = 100_000;
    private static final int TREE_MAX = 128;
    private static final long STACK_BYTES = 1 << 20;
    private static final byte OP_IF = 0x63;
    private static final byte OP_ENDIF = 0x68;

    /// Runs it where the stack is small; what it throws is thrown here.
    private static void withSmallStack(Runnable task) throws InterruptedException {
        var thrown = new AtomicReference<@Nullable Throwable>();
        var thread =
                new Thread(
                        null,
                        () -> {
                            try {
                                task.run();
                            } catch (Throwable e) {
                                thrown.set(e);
                            }
                        },
                        "small",
                        STACK_BYTES);
        thread.start();
        thread.join();
        Throwable why = thrown.get();
        if (why instanceof Error error) {
            throw error;
        }
        if (why instanceof RuntimeException error) {
            throw error;
        }
    }

    @Test
    @DisplayName("B11 JSON that is nested a hundred thousand times is refused")
    @Sabotage(type = "weft.server.json.Json", method = "<clinit>", constant = "512>2000000000")
    void shouldRefuseDeepJson() {
        for (String opening : List.of("[", "{\"a\":")) {
            assertThatThrownBy(() -> withSmallStack(() -> Json.parse(opening.repeat(DEEP))))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static String tree(int depth) {
        String leaf = "pk(" + KEY + ")";
        return "tr("
                + KEY
                + ","
                + "{".repeat(depth)
                + leaf
                + ("," + leaf + "}").repeat(depth)
                + ")";
    }

    @Test
    @DisplayName(
            "B11 descriptors and miniscript that are nested a hundred thousand times are refused")
    @Sabotage(
            type = "weft.wallet.descriptor.DescriptorParser",
            method = "leaves",
            constant = "128>2000000000")
    void shouldRefuseDeepDescriptors() throws InterruptedException {
        for (String opening :
                List.of("(", "sh(", "wsh(", "wsh(and_v(", "wsh(or_i(0,", "wsh(thresh(1,")) {
            String head = opening.substring(0, opening.indexOf('(') + 1);
            String rest = opening.substring(head.length());
            String text = head + (rest.isEmpty() ? head : rest).repeat(DEEP);
            assertThatThrownBy(() -> withSmallStack(() -> Descriptors.scriptOrFail(text, REGTEST)))
                    .as(opening)
                    .isInstanceOf(RpcException.class);
        }
        for (String wrapped : List.of("n".repeat(DEEP) + ":1", "n:".repeat(DEEP) + "1")) {
            assertThatThrownBy(
                            () ->
                                    withSmallStack(
                                            () ->
                                                    Descriptors.scriptOrFail(
                                                            "wsh(" + wrapped + ")", REGTEST)))
                    .isInstanceOf(RpcException.class);
        }
        withSmallStack(
                () ->
                        assertThat(Descriptors.scriptOrFail(tree(TREE_MAX), REGTEST).isEmpty())
                                .isFalse());
        for (int depth : List.of(TREE_MAX + 1, DEEP)) {
            assertThatThrownBy(
                            () ->
                                    withSmallStack(
                                            () -> Descriptors.scriptOrFail(tree(depth), REGTEST)))
                    .isInstanceOf(RpcException.class);
        }
        // A script has no depth for who does not run it.
        byte[] script = new byte[DEEP / 5];
        java.util.Arrays.fill(script, 0, script.length / 2, OP_IF);
        java.util.Arrays.fill(script, script.length / 2, script.length, OP_ENDIF);
        withSmallStack(
                () ->
                        assertThat(Descriptors.describe(Bytes.wrap(script), REGTEST))
                                .startsWith("raw(63"));
    }
}
