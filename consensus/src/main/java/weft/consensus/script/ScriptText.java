package weft.consensus.script;

import java.nio.charset.StandardCharsets;
import weft.primitives.Bytes;

/// The text form of scripts in Bitcoin Core's test vectors: decimal numbers, `0x` and raw bytes, texts in
/// single quotes, names of operations with or without `OP_`.
public final class ScriptText {
    private ScriptText() {}

    /// Puts a script together.
    ///
    /// @throws IllegalArgumentException if a word is none of those
    public static Bytes parse(String text) {
        var builder = new ScriptBuilder();
        for (String word : text.split("[ \t\n]+")) {
            if (word.isEmpty()) {
                continue;
            }
            if (word.matches("-?[0-9]+")) {
                builder.number(Long.parseLong(word));
            } else if (word.startsWith("0x")) {
                builder.raw(Bytes.parse(word.substring(2)));
            } else if (word.startsWith("'") && word.endsWith("'") && word.length() >= 2) {
                builder.push(word.substring(1, word.length() - 1).getBytes(StandardCharsets.UTF_8));
            } else {
                Integer opcode = Opcode.parse(word);
                if (opcode == null) {
                    throw new IllegalArgumentException("no operation " + word);
                }
                builder.op(opcode);
            }
        }
        return builder.build();
    }
}
