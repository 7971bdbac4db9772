package weft.app.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import weft.app.compare.Lock.Item;
import weft.app.compare.Lock.Place;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.Taproot;
import weft.primitives.Bytes;

/// Makes locks that no wallet makes: scripts of every kind in every place, programs without a meaning, leaves
/// of unknown versions. Their names begin with a small letter.
final class ScriptLocks {
    private static final int CODES = 256;

    private final Keys keys;
    private final SplittableRandom random;
    private int lockTime;

    ScriptLocks(Keys keys, SplittableRandom random) {
        this.keys = keys;
        this.random = random;
    }

    /// @param height of the next block; locks in time are around it
    Lock next(int height) {
        lockTime = height;
        return switch (random.nextInt(12)) {
            case 0 -> Locks.anchor();
            case 1 -> program();
            case 2, 3 -> leafOfVersion();
            case 4, 5 -> placed("success", success());
            case 6, 7, 8 -> placed("script", scripted());
            default -> placed("random", randomScript());
        };
    }

    private Lock program() {
        int[] lengths = {2, 3, 20, 31, 32, 33, 40};
        int version = random.nextInt(17);
        byte[] program = new byte[lengths[random.nextInt(lengths.length)]];
        random.nextBytes(program);
        Lock lock = Locks.program("program", version, Bytes.wrap(program));
        return random.nextInt(3) == 0
                ? Lock.of("nested program", Place.P2SH, lock.script(), List.of())
                : lock;
    }

    private Lock leafOfVersion() {
        int version = random.nextInt(CODES) & Taproot.LEAF_MASK;
        Lock body = scripted();
        return new Lock(
                "leaf version", Place.TAPSCRIPT, body.script(), body.opening(), key(), version);
    }

    private int key() {
        return random.nextInt(keys.size());
    }

    private Lock placed(String name, Lock body) {
        Place[] places = {
            Place.BARE, Place.P2SH, Place.P2WSH, Place.P2SH_P2WSH, Place.TAPSCRIPT, Place.TAPSCRIPT
        };
        Place place = places[random.nextInt(places.length)];
        return new Lock(
                name + " in " + place,
                place,
                body.script(),
                body.opening(),
                key(),
                Taproot.LEAF_TAPSCRIPT);
    }

    /// Operations that make tapscript succeed at once.
    private Lock success() {
        var script = new ScriptBuilder();
        if (random.nextBoolean()) {
            script.number(1);
        }
        script.op(random.nextInt(Opcode.OP_NOP, CODES));
        if (random.nextInt(3) == 0) {
            script.op(random.nextInt(CODES));
        }
        return body(script.build(), List.of());
    }

    private static Lock body(Bytes script, List<Item> opening) {
        return Lock.of("", Place.BARE, script, opening);
    }

    private static Item item(int... bytes) {
        return Item.of(FormCases.bytes(bytes));
    }

    /// One of the rules that a script may break or keep.
    private Lock scripted() {
        return switch (random.nextInt(16)) {
            case 0 -> minimalIf();
            case 1 -> timeLock();
            case 2 -> keyOfUnknownKind();
            case 3 -> multisig();
            case 4 -> pushes();
            case 5 -> numbers();
            case 6 -> separator();
            case 7 -> operations();
            case 8 -> deep();
            case 9 -> signatures();
            case 10 -> body(new ScriptBuilder().op(nop()).number(1).build(), List.of());
            case 11 -> body(new ScriptBuilder().number(1).build(), List.of(item(5)));
            case 12 -> body(new ScriptBuilder().number(0).build(), List.of());
            case 13 -> minimalPush();
            case 14 -> notSkipped();
            default -> sizes();
        };
    }

    private int nop() {
        return random.nextBoolean()
                ? random.nextInt(Opcode.OP_NOP1, Opcode.OP_NOP10 + 1)
                : Opcode.OP_NOP;
    }

    private Lock minimalIf() {
        int[][] values = {{}, {1}, {2}, {1, 0}, {0}, {0x80}, {0, 0x80}};
        Bytes script =
                new ScriptBuilder()
                        .op(random.nextBoolean() ? Opcode.OP_IF : Opcode.OP_NOTIF)
                        .number(1)
                        .op(Opcode.OP_ELSE)
                        .number(2)
                        .op(Opcode.OP_ENDIF)
                        .build();
        return body(script, List.of(item(values[random.nextInt(values.length)])));
    }

    private Lock timeLock() {
        boolean isRelative = random.nextBoolean();
        long value =
                switch (random.nextInt(6)) {
                    case 0 -> -1;
                    case 1 -> 500_000_000L;
                    case 2 -> 0x1_0000_0000L + random.nextInt(9);
                    case 3 -> isRelative ? 1L << 22 : 1_700_050_000L;
                    case 4 -> isRelative ? 1L << 31 : 0x80_0000_0000L;
                    default -> isRelative ? random.nextInt(9) : lockTime + random.nextInt(-3, 4);
                };
        var script = new ScriptBuilder().number(value);
        script.op(isRelative ? Opcode.OP_CHECKSEQUENCEVERIFY : Opcode.OP_CHECKLOCKTIMEVERIFY);
        if (random.nextInt(4) != 0) {
            script.op(Opcode.OP_DROP).number(1);
        }
        return body(script.build(), List.of());
    }

    private Lock keyOfUnknownKind() {
        int key = key();
        Bytes[] forms = {
            keys.compressed(key),
            keys.xOnly(key),
            keys.publicKey(key, false),
            Bytes.EMPTY,
            Bytes.wrap(new byte[33]),
            Bytes.wrap(new byte[32]),
            FormCases.bytes(1)
        };
        Bytes script =
                new ScriptBuilder()
                        .push(forms[random.nextInt(forms.length)])
                        .op(Opcode.OP_CHECKSIG)
                        .build();
        return body(script, List.of(random.nextInt(3) == 0 ? item() : Item.signature(key)));
    }

    private Lock multisig() {
        int of = random.nextInt(1, 22);
        int wanted = random.nextInt(0, Math.min(4, of + 1));
        var script = new ScriptBuilder().number(wanted);
        for (int i = 0; i < of; i++) {
            script.push(keys.compressed(i));
        }
        script.number(of).op(Opcode.OP_CHECKMULTISIG);
        var opening = new ArrayList<Item>();
        opening.add(random.nextInt(4) == 0 ? item(1) : item());
        for (int i = 0; i < wanted; i++) {
            opening.add(random.nextInt(8) == 0 ? item() : Item.signature(i));
        }
        return body(script.build(), opening);
    }

    private Lock pushes() {
        int[] lengths = {0, 75, 76, 255, 256, 519, 520, 521};
        var script = new ScriptBuilder();
        script.push(new byte[lengths[random.nextInt(lengths.length)]]);
        return body(script.op(Opcode.OP_DROP).number(1).build(), List.of());
    }

    /// Pushes that could be shorter.
    private Lock minimalPush() {
        Bytes[] forms = {
            FormCases.bytes(1, 5),
            FormCases.bytes(0x4c, 1, 0x20),
            FormCases.bytes(0x4d, 1, 0, 0x20),
            FormCases.bytes(0x4e, 1, 0, 0, 0, 0x20),
            FormCases.bytes(1, 0x81),
            FormCases.bytes(0x4c, 0),
            FormCases.bytes(0x4c, 9, 1),
            FormCases.bytes(0x4d, 1)
        };
        Bytes push = forms[random.nextInt(forms.length)];
        return body(push.plus(FormCases.bytes(Opcode.OP_DROP, Opcode.OP_1)), List.of());
    }

    private Lock numbers() {
        int[] codes = {
            Opcode.OP_ADD, Opcode.OP_SUB, Opcode.OP_NUMEQUAL, Opcode.OP_MIN, Opcode.OP_BOOLAND,
            Opcode.OP_WITHIN, Opcode.OP_PICK, Opcode.OP_ROLL, Opcode.OP_1ADD, Opcode.OP_NOT
        };
        Bytes script =
                new ScriptBuilder()
                        .op(codes[random.nextInt(codes.length)])
                        .op(Opcode.OP_SIZE)
                        .build();
        var opening = new ArrayList<Item>();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            byte[] number = new byte[random.nextInt(6)];
            random.nextBytes(number);
            if (number.length > 0 && random.nextBoolean()) {
                number[number.length - 1] &= 1;
            }
            opening.add(Item.of(Bytes.wrap(number)));
        }
        return body(script, opening);
    }

    private Lock separator() {
        int key = key();
        Bytes script =
                new ScriptBuilder()
                        .op(Opcode.OP_CODESEPARATOR)
                        .push(random.nextBoolean() ? keys.xOnly(key) : keys.compressed(key))
                        .op(Opcode.OP_CHECKSIG)
                        .build();
        return body(script, List.of(Item.signature(key)));
    }

    /// More operations than allowed, or just as many.
    private Lock operations() {
        var script = new ScriptBuilder().number(1);
        for (int i = random.nextInt(196, 206); i > 0; i--) {
            script.op(Opcode.OP_NOP);
        }
        return body(script.build(), List.of());
    }

    /// A stack around its limit.
    private Lock deep() {
        var script = new ScriptBuilder();
        int depth = random.nextInt(994, 1_004);
        for (int i = 0; i < depth; i++) {
            script.number(1);
        }
        for (int i = 1; i < depth && random.nextInt(20) != 0; i += 2) {
            script.op(i + 1 < depth ? Opcode.OP_2DROP : Opcode.OP_DROP);
        }
        return body(script.build(), List.of());
    }

    /// More signatures than the witness pays for.
    private Lock signatures() {
        int key = key();
        var script = new ScriptBuilder();
        int count = random.nextInt(1, 20);
        for (int i = 1; i < count; i++) {
            script.op(Opcode.OP_DUP).push(keys.xOnly(key)).op(Opcode.OP_CHECKSIGVERIFY);
        }
        script.push(keys.xOnly(key)).op(Opcode.OP_CHECKSIG);
        return body(script.build(), List.of(Item.signature(key)));
    }

    /// What may not stand even where it is skipped.
    private Lock notSkipped() {
        Bytes script =
                new ScriptBuilder()
                        .number(0)
                        .op(Opcode.OP_IF)
                        .op(random.nextInt(Opcode.OP_RESERVED, CODES))
                        .op(Opcode.OP_ENDIF)
                        .number(1)
                        .build();
        return body(script, List.of());
    }

    /// Scripts and arguments around what policy allows.
    private Lock sizes() {
        int[] sizes = {519, 520, 521, 3_599, 3_600, 3_601, 9_999, 10_000, 10_001};
        int size = sizes[random.nextInt(sizes.length)];
        var script = new ScriptBuilder();
        int left = size - 1;
        while (left > 0) {
            int push = Math.min(left - 1, 70);
            if (push < 1) {
                script.op(Opcode.OP_NOP);
                left--;
            } else {
                script.push(new byte[push]).op(Opcode.OP_DROP);
                left -= push + 2;
            }
        }
        var opening = new ArrayList<Item>();
        if (random.nextInt(3) == 0) {
            opening.add(Item.of(Bytes.wrap(new byte[random.nextInt(78, 83)])));
        }
        return body(script.number(1).build(), opening);
    }

    /// Any operations, some more often than others.
    private Lock randomScript() {
        int[] handy = {
            Opcode.OP_DUP, Opcode.OP_DROP, Opcode.OP_IF, Opcode.OP_ELSE, Opcode.OP_ENDIF,
            Opcode.OP_VERIFY, Opcode.OP_EQUAL, Opcode.OP_HASH160, Opcode.OP_SWAP, Opcode.OP_1,
            Opcode.OP_0, Opcode.OP_2, Opcode.OP_SIZE, Opcode.OP_DEPTH, Opcode.OP_TOALTSTACK,
            Opcode.OP_FROMALTSTACK, Opcode.OP_CHECKSIG, Opcode.OP_NOT, Opcode.OP_16
        };
        var script = new ScriptBuilder();
        for (int i = random.nextInt(1, 14); i > 0; i--) {
            int dice = random.nextInt(10);
            if (dice < 6) {
                script.op(handy[random.nextInt(handy.length)]);
            } else if (dice < 9) {
                script.op(random.nextInt(Opcode.OP_1NEGATE, Opcode.OP_CHECKSIGADD + 2));
            } else {
                byte[] data = new byte[random.nextInt(9)];
                random.nextBytes(data);
                script.push(data);
            }
        }
        var opening = new ArrayList<Item>();
        for (int i = random.nextInt(5); i > 0; i--) {
            byte[] data = new byte[random.nextInt(3)];
            random.nextBytes(data);
            opening.add(random.nextInt(6) == 0 ? Item.signature(key()) : Item.of(Bytes.wrap(data)));
        }
        return body(script.build(), opening);
    }
}
