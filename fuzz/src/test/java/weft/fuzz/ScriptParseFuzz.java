package weft.fuzz;

import weft.consensus.SigOps;
import weft.consensus.script.Opcode;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptNum;
import weft.consensus.script.ScriptReader;
import weft.primitives.Bytes;

/// Bytes that pretend to be a script: taken apart, put together, named, never run.
public final class ScriptParseFuzz {
    private ScriptParseFuzz() {}

    /// One input.
    public static void fuzzerTestOneInput(byte[] data) {
        Measured.run(
                data.length,
                () -> {
                    Bytes script = Bytes.wrap(data);
                    walk(script);
                    tell(script);
                    number(data);
                });
    }

    private static void walk(Bytes script) {
        var reader = ScriptReader.of(script);
        var copy = new ScriptBuilder();
        int at = 0;
        boolean pushesOnly = true;
        while (reader.next()) {
            Measured.require(reader.position() > at, "every operation has a byte");
            copy.raw(script.slice(at, reader.position() - at));
            pushesOnly &= reader.opcode() <= Opcode.OP_16;
            repeat(reader.push());
            at = reader.position();
        }
        boolean wellFormed = reader.isWellFormedEnd();
        Measured.require(!wellFormed || copy.build().equals(script), "the parts are the whole");
        Measured.require(!wellFormed || at == script.length(), "a good end is the end");
        Measured.require(Script.isWellFormed(script) == wellFormed, "well formed, both ways");
        Measured.require(
                Script.isPushOnly(script) == (wellFormed && pushesOnly), "pushes only, both ways");
    }

    private static void repeat(Bytes push) {
        var reader = ScriptReader.of(new ScriptBuilder().push(push).build());
        Measured.require(reader.next() && reader.push().equals(push), "a push is read as built");
        Measured.require(!reader.next() && reader.isWellFormedEnd(), "and nothing after it");
    }

    private static void tell(Bytes script) {
        int rough = SigOps.count(script, false);
        int accurate = SigOps.count(script, true);
        Measured.require(accurate >= 0 && accurate <= rough, "accurate counts are not larger");
        Measured.require(rough <= 20 * script.length(), "at most twenty a byte");
        String asm = Script.toAsm(script);
        boolean cut = !asm.isEmpty() && asm.charAt(asm.length() - 1) == ']';
        Measured.require(cut != Script.isWellFormed(script), "asm says where a script is cut off");
        Measured.require(Script.toAsm(script, true).length() >= asm.length(), "types add text");
        Script.WitnessProgram program = Script.witnessProgram(script);
        if (program != null) {
            Bytes rebuilt =
                    new ScriptBuilder().number(program.version()).push(program.program()).build();
            Measured.require(rebuilt.equals(script), "a program is the script that it came from");
        }
        boolean known =
                Script.isPayToWitnessPubKeyHash(script)
                        || Script.isPayToWitnessScriptHash(script)
                        || Script.isPayToTaproot(script);
        Measured.require(!known || program != null, "known programs are programs");
        Measured.require(
                !(Script.isPayToScriptHash(script) && Script.isPayToPubKeyHash(script)),
                "a script has one kind");
        Script.isUnspendable(script);
    }

    /// The input as one number.
    private static void number(byte[] data) {
        if (data.length > 7) {
            return;
        }
        long value = ScriptNum.decode(data);
        byte[] shortest = ScriptNum.encode(value);
        Measured.require(ScriptNum.decode(shortest) == value, "a number is read as written");
        Measured.require(ScriptNum.isMinimal(shortest), "and written in its shortest form");
        Measured.require(
                ScriptNum.isMinimal(data) == java.util.Arrays.equals(data, shortest),
                "only one form is shortest");
    }
}
