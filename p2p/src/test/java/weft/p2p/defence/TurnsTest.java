package weft.p2p.defence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;

class TurnsTest {
    private record Item(int lane, int number, long cost) {}

    /// The same by plain lists: lanes in a circle, each a list.
    private static final class Naive {
        final List<List<Item>> circle = new ArrayList<>();
        final List<List<Item>> waiting = new ArrayList<>();
        int items;
        long cost;

        private static List<Item> laneOf(List<List<Item>> lanes, int lane) {
            return lanes.stream()
                    .filter(each -> each.getFirst().lane == lane)
                    .findFirst()
                    .orElse(List.of());
        }

        void add(Item item) {
            List<Item> lane = laneOf(circle, item.lane);
            if (lane.isEmpty()) {
                lane = laneOf(waiting, item.lane);
            }
            if (lane.isEmpty()) {
                lane = new ArrayList<>();
                circle.add(lane);
            }
            lane.add(item);
        }

        @Nullable Item poll(int itemsATurn, long costATurn) {
            if (circle.isEmpty()) {
                return null;
            }
            List<Item> lane = circle.getFirst();
            Item item = lane.removeFirst();
            items++;
            cost += item.cost;
            boolean over = items >= itemsATurn || cost >= costATurn;
            if (lane.isEmpty() || over) {
                circle.removeFirst();
                items = 0;
                cost = 0;
            }
            if (!lane.isEmpty() && over) {
                circle.add(lane);
            }
            return item;
        }

        void pause(Item item) {
            List<Item> lane = laneOf(circle, item.lane);
            if (lane.isEmpty()) {
                lane = new ArrayList<>();
            } else if (circle.getFirst().equals(lane)) {
                items = 0;
                cost = 0;
            }
            circle.remove(lane);
            lane.addFirst(item);
            waiting.add(lane);
        }

        void resume(int key) {
            List<Item> lane = laneOf(waiting, key);
            if (!lane.isEmpty()) {
                waiting.remove(lane);
                circle.add(lane);
            }
        }

        List<Item> drop(int key) {
            List<Item> lane = laneOf(circle, key);
            if (!lane.isEmpty() && circle.getFirst().equals(lane)) {
                items = 0;
                cost = 0;
            }
            if (lane.isEmpty()) {
                lane = laneOf(waiting, key);
            }
            circle.remove(lane);
            waiting.remove(lane);
            return lane;
        }
    }

    @Test
    @DisplayName("S-109b random lanes take turns as plain lists say")
    void shouldTakeTurnsAsPlainListsDo() {
        Property.holds(
                100,
                random -> {
                    int itemsATurn = 1 + random.nextInt(5);
                    long costATurn = 1L + random.nextInt(100);
                    var turns = new Turns<Integer, Item>(itemsATurn, costATurn);
                    var naive = new Naive();
                    for (int i = 0; i < 2_000; i++) {
                        int lane = random.nextInt(6);
                        switch (random.nextInt(12)) {
                            case 0 -> {
                                turns.resume(lane);
                                naive.resume(lane);
                            }
                            case 1 -> assertThat(turns.drop(lane)).isEqualTo(naive.drop(lane));
                            case 2, 3, 4, 5, 6 -> {
                                Item taken = turns.poll();
                                assertThat(taken).isEqualTo(naive.poll(itemsATurn, costATurn));
                                if (taken != null && random.nextInt(8) == 0) {
                                    turns.pause(taken.lane, taken, taken.cost);
                                    naive.pause(taken);
                                }
                            }
                            default -> {
                                var item = new Item(lane, i, random.nextInt(60));
                                turns.add(lane, item, item.cost);
                                naive.add(item);
                            }
                        }
                        assertThat(turns.isEmpty()).isEqualTo(naive.circle.isEmpty());
                        assertThat(turns.paused()).hasSize(naive.waiting.size());
                    }
                });
    }

    @Test
    @DisplayName(
            "S-109b whoever has little is next after one turn of each other, however much they"
                    + " have")
    void shouldStarveNobody() {
        Property.holds(
                20,
                random -> {
                    int greedy = 1 + random.nextInt(50);
                    int itemsATurn = 1 + random.nextInt(20);
                    var turns = new Turns<Integer, Item>(itemsATurn, Long.MAX_VALUE);
                    for (int lane = 1; lane <= greedy; lane++) {
                        for (int i = 0; i < 1_000; i++) {
                            turns.add(lane, new Item(lane, i, 1), 1);
                        }
                    }
                    for (int i = random.nextInt(500); i > 0; i--) {
                        turns.poll();
                    }
                    turns.add(0, new Item(0, 0, 1), 1);
                    Set<Integer> before = new HashSet<>();
                    int waited = 0;
                    for (Item each = turns.poll(); each != null && each.lane != 0; ) {
                        before.add(each.lane);
                        waited++;
                        each = turns.poll();
                    }
                    assertThat(waited).isLessThanOrEqualTo(greedy * itemsATurn);
                    assertThat(before).hasSizeLessThanOrEqualTo(greedy);
                });
    }

    @Test
    @DisplayName("where one item goes on at a time, lanes that wait have it in turn")
    void shouldResumeWhoWaitsLongest() {
        var turns = new Turns<String, Integer>(16, 1_000);
        for (int i = 0; i < 100; i++) {
            turns.add("first", i, 1);
        }
        // A lane that is empty whenever something was taken from it keeps its place too.
        turns.add("single", 1_000, 1);
        turns.add("third", 2_000, 1);
        turns.add("third", 2_001, 1);
        var served = new ArrayList<String>();
        for (int i = 0; i < 4; i++) {
            turns.paused().forEach(turns::resume);
            boolean room = true;
            for (Integer item = turns.poll(); item != null; item = turns.poll()) {
                String lane = item < 1_000 ? "first" : item < 2_000 ? "single" : "third";
                if (room) {
                    served.add(lane);
                    room = false;
                } else {
                    turns.pause(lane, item, 1);
                }
            }
        }
        assertThat(served).containsExactly("first", "third", "single", "first");
    }
}
