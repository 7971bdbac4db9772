package weft.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.primitives.log.Log;

final class JsonRpcRulesTest {
    private final RpcTable table = FakeMethods.table();
    private final JsonRpc rpc = new JsonRpc(table, JsonRpc.Access.OPEN, Log.NONE);

    private String ask(String body) {
        JsonRpc.Reply reply = rpc.answer(body.getBytes(StandardCharsets.UTF_8), "user", "/");
        return reply.status() + " " + reply.body().strip();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // The old form: both fields, and a status that tells of errors.
                "{'id':1,'method':'add','params':[1,2]} | 200 {'result':3,'error':null,'id':1}",
                "{'jsonrpc':'1.0','id':'x','method':'add','params':[1]} | 200 {'result':1"
                        + "01,'error':null,'id':'x'}",
                "{'jsonrpc':'1.1','id':1,'method':'add','params':[1]} | 200 {'result':101"
                        + ",'error':null,'id':1}",
                "{'id':1,'method':'nix'} | 404 {'result':null,'error':{'code':-32601,'mes"
                        + "sage':'Method not found'},'id':1}",
                "{'id':1,'method':'fail'} | 500 {'result':null,'error':{'code':-8,'messag"
                        + "e':'never right'},'id':1}",
                "{'id':1} | 400 {'result':null,'error':{'code':-32600,'message':'Missing "
                        + "method'},'id':1}",
                "nonsense | 500 {'result':null,'error':{'code':-32700,'message':'Parse er"
                        + "ror'},'id':null}",
                "'text' | 500 {'result':null,'error':{'code':-32700,'message':'Top-level "
                        + "object parse error'},'id':null}",
                // Version 2.0: one of both, always 200.
                "{'jsonrpc':'2.0','id':1,'method':'add','params':[1,2]} | 200 {'jsonrpc':"
                        + "'2.0','result':3,'id':1}",
                "{'jsonrpc':'2.0','id':null,'method':'add','params':[1]} | 200 {'jsonrpc'"
                        + ":'2.0','result':101,'id':null}",
                "{'jsonrpc':'2.0','id':1,'method':'nix'} | 200 {'jsonrpc':'2.0','error':{"
                        + "'code':-32601,'message':'Method not found'},'id':1}",
                "{'jsonrpc':'2.0','method':'add','params':[1]} | 204 ",
                "{'jsonrpc':'2.0','method':'fail'} | 204 ",
                "{'jsonrpc':'2.1','id':1,'method':'add'} | 400 {'result':null,'error':{'c"
                        + "ode':-32600,'message':'JSON-RPC version not supported'},'id':1}",
                "{'jsonrpc':2,'id':1,'method':'add'} | 400 {'result':null,'error':{'code'"
                        + ":-32600,'message':'jsonrpc field must be a string'},'id':1}",
                "{'id':1,'method':'add','params':7} | 400 {'result':null,'error':{'code':"
                        + "-32600,'message':'Params must be an array or object'},'id':1}",
                // Batches.
                "[] | 200 []",
                "[{'jsonrpc':'2.0','method':'add','params':[1]}] | 204 ",
                "[{'id':1,'method':'add','params':[1]},{'jsonrpc':'2.0','id':2,'method':'"
                        + "fail'},5] | 200 [{'result':101,'error':null,'id':1},{'jsonrpc':'2.0','er"
                        + "ror':{'code':-8,'message':'never right'},'id':2},{'result':null,'error':"
                        + "{'code':-32600,'message':'Invalid Request object'},'id':null}]"
            })
    void shouldAnswer(String request, String answer) {
        String wanted = answer.replace('\'', '"');
        assertThat(ask(request.replace('\'', '"')))
                .isEqualTo(wanted.length() == 3 ? wanted + " " : wanted);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a':1,'b':2} | 3",
                "{'a':1,'bee':2} | 3",
                "{'args':[1],'b':2} | 3",
                "{'args':[1,2]} | 3",
            })
    void shouldTakeNamedArguments(String params, String result) {
        assertThat(
                        ask(
                                ("{'jsonrpc':'2.0','id':1,'method':'add','params':" + params + "}")
                                        .replace('\'', '"')))
                .isEqualTo("200 {\"jsonrpc\":\"2.0\",\"result\":" + result + ",\"id\":1}");
    }

    @Test
    void shouldFillHolesBetweenNamedArguments() {
        assertThat(ask("{\"id\":1,\"method\":\"show\",\"params\":{\"z\":3}}"))
                .contains("[null,null,3]");
        assertThat(ask("{\"id\":1,\"method\":\"show\",\"params\":{\"x\":3}}")).contains("[3]");
        assertThat(ask("{\"id\":1,\"method\":\"show\",\"params\":{\"args\":[1,2],\"z\":3}}"))
                .contains("[1,2,3]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'c':1} | Unknown named parameter c",
                "{'args':[1,2],'a':3} | Parameter a specified twice both "
                        + "as positional an"
                        + "d named argument",
            })
    void shouldRefuseWrongNames(String params, String message) {
        assertThat(ask(("{'id':1,'method':'add','params':" + params + "}").replace('\'', '"')))
                .startsWith("500")
                .contains("{\"code\":-8,\"message\":\"" + message + "\"}");
    }

    @Test
    void shouldNamePositionsOfWrongTypes() {
        assertThat(ask("{\"id\":1,\"method\":\"add\",\"params\":[\"1\",true]}"))
                .contains("\"code\":-3")
                .contains(
                        "Wrong type passed:\\n{\\n    \\\"Position 1 (a)\\\": "
                                + "\\\"JSON value of type string is not of expected type number\\\","
                                + "\\n    \\\"Position 2 (b|bee)\\\": "
                                + "\\\"JSON value of type bool is not of expected type number\\\"\\n}");
    }

    @Test
    void shouldRefuseNumbersThatAreNotWhole() {
        assertThat(ask("{\"id\":1,\"method\":\"add\",\"params\":[1.5]}"))
                .contains("{\"code\":-1,\"message\":\"JSON integer out of range\"}");
        assertThat(ask("{\"id\":1,\"method\":\"add\",\"params\":[4294967296]}"))
                .contains("JSON integer out of range");
    }

    @Test
    void shouldShowHelpForWrongNumberOfArguments() {
        assertThat(ask("{\"id\":1,\"method\":\"add\",\"params\":[]}"))
                .startsWith("500")
                .contains(
                        "{\"code\":-1,\"message\":\"add a ( b )\\n\\nAdds.\\n\\nArguments:\\n1. a    ");
        assertThat(ask("{\"id\":1,\"method\":\"add\",\"params\":[1,2,3]}")).contains("add a ( b )");
    }

    @Test
    void shouldOnlySayThatItWarmsUp() {
        table.warmUp("Loading block index…");
        assertThat(ask("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nix\"}"))
                .isEqualTo(
                        "200 {\"jsonrpc\":\"2.0\",\"error\":{\"code\":-28,\"message\":\"Loading b"
                                + "lock "
                                + "index…\"},\"id\":1}");
    }

    @Test
    void shouldListMethodsByCategory() {
        assertThat(table.help(""))
                .isEqualTo("== Test ==\nadd a ( b )\nname \"name\"\nshow ( x y z )");
        assertThat(table.help("nix")).isEqualTo("help: unknown command: nix");
    }

    @Test
    void shouldKeepUsersToTheirMethods() {
        var limited =
                new JsonRpc(
                        table, new JsonRpc.Access(Map.of("user", Set.of("add")), false), Log.NONE);
        byte[] allowed =
                "{\"id\":1,\"method\":\"add\",\"params\":[1]}".getBytes(StandardCharsets.UTF_8);
        byte[] other = "{\"id\":1,\"method\":\"show\"}".getBytes(StandardCharsets.UTF_8);
        assertThat(limited.answer(allowed, "user", "/").status()).isEqualTo(200);
        assertThat(limited.answer(other, "user", "/").status()).isEqualTo(403);
        assertThat(limited.answer(allowed, "stranger", "/").status()).isEqualTo(403);
    }
}
