package weft.wallet.miniscript;

/// The building blocks of miniscript. See BIP-0379.
enum Fragment {
    /// Never.
    JUST_0("0"),
    /// Always.
    JUST_1("1"),
    /// A key, whose signature is still to be checked.
    PK_K("pk_k"),
    /// The hash of a key, whose signature is still to be checked.
    PK_H("pk_h"),
    /// A relative lock time. See BIP-0112.
    OLDER("older"),
    /// An absolute lock time. See BIP-0065.
    AFTER("after"),
    /// Something with this hash.
    SHA256("sha256"),
    /// Something with this hash.
    HASH256("hash256"),
    /// Something with this hash.
    RIPEMD160("ripemd160"),
    /// Something with this hash.
    HASH160("hash160"),
    /// Works on what is below the top of the stack: by the other stack.
    WRAP_A("a"),
    /// Works on what is below the top of the stack: by a swap.
    WRAP_S("s"),
    /// Checks the signature of a key.
    WRAP_C("c"),
    /// Runs only if asked.
    WRAP_D("d"),
    /// Fails instead of leaving a false.
    WRAP_V("v"),
    /// Runs only if there is something.
    WRAP_J("j"),
    /// Makes a truth value.
    WRAP_N("n"),
    /// Both, one after the other.
    AND_V("and_v"),
    /// Both.
    AND_B("and_b"),
    /// One of them, or both.
    OR_B("or_b"),
    /// The second if the first fails.
    OR_C("or_c"),
    /// The second if the first fails.
    OR_D("or_d"),
    /// The one that the spender chooses.
    OR_I("or_i"),
    /// The second if the first holds, else the third.
    ANDOR("andor"),
    /// So many of them.
    THRESH("thresh"),
    /// So many of the keys.
    MULTI("multi"),
    /// So many of the keys, in tapscript.
    MULTI_A("multi_a");

    private final String word;

    Fragment(String word) {
        this.word = word;
    }

    /// How it is written.
    String word() {
        return word;
    }

    /// Whether it is written as a letter before a colon.
    boolean isWrapper() {
        return compareTo(WRAP_A) >= 0 && compareTo(WRAP_N) <= 0;
    }
}
