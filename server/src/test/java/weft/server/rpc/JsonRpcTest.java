package weft.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.primitives.log.Log;
import weft.server.json.Json;

/// Forms of answers and errors, with a table of one method.
class JsonRpcTest {
    private final RpcTable table =
            new RpcTable()
                    .add(
                            List.of(
                                    RpcCommand.of(
                                            "test",
                                            "twice",
                                            "Twice a number.",
                                            call -> Json.number(2L * call.integer(0)),
                                            RpcParam.required("n", ParamType.NUM, "The number"))));

    private JsonRpc.Reply ask(String body) {
        return new JsonRpc(table, JsonRpc.Access.OPEN, Log.NONE)
                .answer(body.getBytes(StandardCharsets.UTF_8), "user", "/");
    }

    private void expect(String body, int status, String answer) {
        JsonRpc.Reply reply = ask(body);
        assertThat(reply.body().strip()).isEqualTo(answer);
        assertThat(reply.status()).isEqualTo(status);
    }

    @Test
    void shouldAnswerInTheFormOfTheRequest() {
        table.warmUpFinished();
        expect(
                "{\"method\":\"twice\",\"params\":[4],\"id\":1}",
                200,
                "{\"result\":8,\"error\":null,\"id\":1}");
        expect(
                "{\"jsonrpc\":\"2.0\",\"method\":\"twice\",\"params\":{\"n\":4},\"id\":1}",
                200,
                "{\"jsonrpc\":\"2.0\",\"result\":8,\"id\":1}");
        expect("{\"jsonrpc\":\"2.0\",\"method\":\"twice\",\"params\":[4]}", 204, "");
    }

    @Test
    void shouldSayThatAMethodIsUnknown() {
        table.warmUpFinished();
        String error = "\"error\":{\"code\":-32601,\"message\":\"Method not found\"},\"id\":1}";
        expect("{\"method\":\"getwalletinfo\",\"id\":1}", 404, "{\"result\":null," + error);
        expect(
                "{\"jsonrpc\":\"2.0\",\"method\":\"getwalletinfo\",\"id\":1}",
                200,
                "{\"jsonrpc\":\"2.0\"," + error);
    }

    @Test
    void shouldSayThatItIsWarmingUp() {
        table.warmUp("Loading block index…");
        expect(
                "{\"method\":\"twice\",\"params\":[4],\"id\":1}",
                500,
                "{\"result\":null,\"error\":{\"code\":-28,\"message\":\"Loading block index…\"},\"id\":1}");
    }

    @Test
    void shouldNameTheWrongType() {
        table.warmUpFinished();
        assertThat(ask("{\"method\":\"twice\",\"params\":[\"4\"],\"id\":1}").body())
                .contains(
                        "\"code\":-3", "JSON value of type string is not of expected type number");
    }

    @Test
    void shouldHelpWhereTheNumberOfArgumentsIsWrong() {
        table.warmUpFinished();
        assertThat(ask("{\"method\":\"twice\",\"id\":1}").body())
                .contains("\"code\":-1", "twice n");
    }

    @Test
    void shouldAnswerBatchesAndRefuseWhatIsNoJson() {
        table.warmUpFinished();
        expect(
                "[{\"method\":\"twice\",\"params\":[1],\"id\":1},"
                        + "{\"method\":\"twice\",\"params\":[2],\"id\":2}]",
                200,
                "[{\"result\":2,\"error\":null,\"id\":1},{\"result\":4,\"error\":null,\"id\":2}]");
        expect(
                "{",
                500,
                "{\"result\":null,\"error\":{\"code\":-32700,\"message\":\"Parse error\"},\"id\":null}");
    }
}
