package weft.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Strangers choose transaction ids and addresses, and with them where these fall in a table.
class HashKeyFormTest {
    private static final List<String> MODULES =
            List.of(
                    "crypto",
                    "primitives",
                    "consensus",
                    "chain",
                    "mempool",
                    "mining",
                    "wire",
                    "p2p",
                    "node",
                    "light",
                    "store",
                    "net");

    /// Keys that no stranger chooses: one hashes as the number that we gave its header, the other names a
    /// gateway of this machine.
    private static final Set<String> NOT_CHOSEN =
            Set.of("weft/chain/BlockEntry", "weft/net/Gateways$Way");

    @Test
    @DisplayName("C10 keys of tables have an order, so that many in one bucket are found soon")
    void shouldKeepOnlyKeysThatHaveAnOrder() {
        Map<String, ClassModel> classes = HashKeyRules.classes(SourceTree.root(), MODULES);
        List<String> found = new ArrayList<>();
        Set<String> seen = new TreeSet<>();
        for (ClassModel type : classes.values()) {
            for (String key : HashKeyRules.keys(type)) {
                seen.add(key);
                ClassModel known = classes.get(key);
                if (known != null && !NOT_CHOSEN.contains(key) && HashKeyRules.isFlooded(known)) {
                    found.add(type.thisClass().asInternalName() + ": " + key);
                }
            }
        }
        assertThat(seen)
                .contains(
                        "weft/primitives/Txid",
                        "weft/primitives/Wtxid",
                        "weft/primitives/OutPoint",
                        "weft/primitives/BlockHash",
                        "weft/wire/NetAddress");
        assertThat(found).isEmpty();
    }

    @Test
    void shouldSeeKeysWithoutAnOrder() throws IOException {
        assertThat(HashKeyRules.keys(model(Tables.class)))
                .containsExactlyInAnyOrder(
                        "weft/form/HashKeyFormTest$Bare",
                        "weft/form/HashKeyFormTest$ByHand",
                        "weft/form/HashKeyFormTest$Ordered",
                        "weft/form/HashKeyFormTest$Itself");
        assertThat(HashKeyRules.isFlooded(model(Bare.class))).isTrue();
        assertThat(HashKeyRules.isFlooded(model(ByHand.class))).isTrue();
        assertThat(HashKeyRules.isFlooded(model(Ordered.class))).isFalse();
        assertThat(HashKeyRules.isFlooded(model(Itself.class))).isFalse();
    }

    private static ClassModel model(Class<?> type) throws IOException {
        String file = "/" + type.getName().replace('.', '/') + ".class";
        try (InputStream in = HashKeyFormTest.class.getResourceAsStream(file)) {
            return HashKeyRules.read(Objects.requireNonNull(in).readAllBytes());
        }
    }

    /// Where keys are named.
    static final class Tables {
        final Map<Bare, String> field = new HashMap<>();
        final Map<String, Set<Itself>> nested = new HashMap<>();

        /// A tree: its order comes from elsewhere.
        NavigableSet<Unused> tree = new TreeSet<>(java.util.Comparator.comparing(Unused::toString));

        Set<ByHand> method(Map<Ordered, Integer> parameter) {
            return Set.of();
        }
    }

    /// Equal by value.
    record Bare(long word) {}

    /// In no table.
    record Unused(long word) {}

    /// Equal by value, with an order.
    record Ordered(long word) implements Comparable<Ordered> {
        @Override
        public int compareTo(Ordered other) {
            return Long.compare(word, other.word);
        }
    }

    /// Equal by value, without being a record.
    static final class ByHand {
        @Override
        public int hashCode() {
            return 1;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ByHand;
        }
    }

    /// Equal to itself alone.
    static final class Itself {}
}
