package weft.p2p.addr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

/// [AddrMan] against a model that knows who stands on which place, and nothing else.
class AddrManModelTest implements SeenRed {
    private static final long NOW = 1_700_000_000;
    private static final int MINUTE = 60;
    private static final int HOUR = 3_600;
    private static final int DAY = 24 * HOUR;

    /// What the model remembers of an address.
    private static final class Known {
        final NetAddress address;
        final NetAddress source;
        long time;
        long services;
        long lastTry;
        long lastCountedTry;
        long lastSuccess;
        int attempts;

        Known(NetAddress address, NetAddress source) {
            this.address = address;
            this.source = source;
        }

        /// Not seen for 30 days, from the future, or failing: but never while it may just be dialled.
        boolean isTerrible(long now) {
            boolean old = now - time > 30 * DAY || time > now + 10 * MINUTE;
            boolean neverAnswers = lastSuccess == 0 && attempts >= 3;
            boolean answersNoMore = now - lastSuccess > 7 * DAY && attempts >= 10;
            return now - lastTry > MINUTE && (old || neverAnswers || answersNoMore);
        }

        List<Object> facts() {
            return List.of(source, time, services, lastTry, lastCountedTry, lastSuccess, attempts);
        }
    }

    /// Bitcoin Core's rules. A place has a name, `new 5/7` or `tried 5/7`; who stands nowhere is forgotten.
    private static final class Model {
        final Bytes key;
        final SplittableRandom random;
        final Map<String, Known> places = new TreeMap<>();

        /// Those that wait for a place in *tried*, by when they were first heard of.
        final List<Known> waiting = new ArrayList<>();

        final List<Known> everKnown = new ArrayList<>();
        long lastGood = 1;

        Model(Bytes key, SplittableRandom random) {
            this.key = key;
            this.random = random;
        }

        private long hash(Object... parts) {
            var out = new ByteWriter(200).bytes(key);
            for (Object part : parts) {
                switch (part) {
                    case Bytes bytes -> out.u8(bytes.length()).bytes(bytes);
                    case Character one -> out.u8(one);
                    case Integer number -> out.i32(number);
                    default -> out.i64((Long) part);
                }
            }
            return ByteReader.of(Sha256.hashTwice(out.toByteArray())).i64();
        }

        private static long modulo(long hash, int size) {
            return Long.remainderUnsigned(hash, size);
        }

        /// A group fills no more than 64 buckets of what each group of sources tells.
        String newPlace(Known known, NetAddress source) {
            Bytes from = source.netGroup();
            long one = modulo(hash(known.address.netGroup(), from), 64);
            int bucket = (int) modulo(hash(from, one), 1024);
            return "new " + bucket + "/" + modulo(hash('N', bucket, known.address.key()), 64);
        }

        /// A group fills no more than 8 buckets.
        String triedPlace(Known known) {
            long one = modulo(hash(known.address.key()), 8);
            int bucket = (int) modulo(hash(known.address.netGroup(), one), 256);
            return "tried " + bucket + "/" + modulo(hash('K', bucket, known.address.key()), 64);
        }

        @Nullable Known find(NetAddress address) {
            return places.values().stream()
                    .filter(each -> each.address.equals(address))
                    .findFirst()
                    .orElse(null);
        }

        List<String> placesOf(Known known) {
            return places.entrySet().stream()
                    .filter(each -> each.getValue() == known)
                    .map(Map.Entry::getKey)
                    .toList();
        }

        boolean isTried(Known known) {
            return placesOf(known).stream().anyMatch(each -> each.startsWith("tried"));
        }

        boolean hear(AddressEntry heard, NetAddress source, long penalty, long now) {
            boolean ofItself = heard.address().withPort(0).equals(source.withPort(0));
            long told = Math.max(0, heard.time() - (ofItself ? 0 : penalty));
            Known known = find(heard.address());
            if (known == null) {
                known = new Known(heard.address(), source);
                known.time = told;
                known.services = heard.services();
                everKnown.add(known);
            } else {
                // Who was online a day ago is news after an hour, others after a day.
                int news = now - heard.time() < DAY ? HOUR : DAY;
                if (known.time < told - news) {
                    known.time = told;
                }
                known.services |= heard.services();
                int count = placesOf(known).size();
                if (heard.time() <= known.time
                        || isTried(known)
                        || count == 8
                        || random.nextInt(1 << count) > 0) {
                    return false;
                }
            }
            String place = newPlace(known, source);
            Known holder = places.get(place);
            boolean isFree =
                    holder == null
                            || holder.isTerrible(now)
                            || (placesOf(holder).size() > 1 && placesOf(known).isEmpty());
            if (isFree && holder != known) {
                places.put(place, known);
            }
            return isFree && holder != known;
        }

        boolean good(NetAddress address, long now) {
            lastGood = now;
            Known known = find(address);
            if (known == null) {
                return false;
            }
            succeeded(known, now);
            if (isTried(known)) {
                return false;
            }
            if (places.containsKey(triedPlace(known))) {
                if (waiting.size() < 10 && !waiting.contains(known)) {
                    waiting.add(known);
                }
                return false;
            }
            moveToTried(known);
            return true;
        }

        private static void succeeded(Known known, long now) {
            known.lastSuccess = now;
            known.lastTry = now;
            known.attempts = 0;
        }

        /// Who stood there goes back to *new*, whoever has its place there.
        private void moveToTried(Known known) {
            placesOf(known).forEach(places::remove);
            Known old = places.put(triedPlace(known), known);
            if (old != null) {
                places.put(newPlace(old, old.source), old);
            }
        }

        void resolveCollisions(long now) {
            waiting.sort((a, b) -> Integer.compare(everKnown.indexOf(a), everKnown.indexOf(b)));
            for (Known each : List.copyOf(waiting)) {
                Known old = places.get(triedPlace(each));
                boolean gone = placesOf(each).isEmpty();
                boolean oldIsFine = old != null && now - old.lastSuccess < 4 * HOUR;
                boolean underTest = old != null && now - old.lastTry <= MINUTE;
                boolean tested = old != null && now - old.lastTry < 4 * HOUR;
                boolean waitedLong = now - each.lastSuccess > 40 * MINUTE;
                boolean gives = old == null || (!underTest && (tested || waitedLong));
                if (gone || oldIsFine) {
                    waiting.remove(each);
                } else if (gives) {
                    waiting.remove(each);
                    lastGood = now;
                    succeeded(each, now);
                    if (!isTried(each)) {
                        moveToTried(each);
                    }
                }
            }
        }

        void attempt(NetAddress address, boolean counts, long now) {
            Known known = find(address);
            if (known != null) {
                known.lastTry = now;
                if (counts && known.lastCountedTry < lastGood) {
                    known.lastCountedTry = now;
                    known.attempts++;
                }
            }
        }
    }

    private static final class World {
        private static final int DEAD = 8;

        final SplittableRandom random;
        final AddrMan book;
        final Model model;
        final int groups;
        final int hosts;
        long now = NOW;

        World(SplittableRandom random) {
            this.random = random;
            Bytes key = AddrMan.newKey(random);
            long seed = random.nextLong();
            book = new AddrMan(key, NetGroups.PUBLIC, new SplittableRandom(seed), Log.NONE);
            model = new Model(key, new SplittableRandom(seed));
            groups = random.nextInt(1, 4);
            hosts = random.nextInt(50, 500);
        }

        /// One group has more hosts that answer than its 512 places in *tried*.
        void crowd() {
            for (int i = 0; i < 700; i++) {
                NetAddress address = host(20, i);
                hear(address);
                good(address);
            }
            now += 5 * HOUR;
            compare();
        }

        private static NetAddress host(int group, int number) {
            return NetAddress.parse(group + ".1." + number / 250 + "." + number % 250, 8333);
        }

        /// Of those with small numbers nobody answers.
        private NetAddress address() {
            int group = 20 + random.nextInt(groups);
            return host(group, random.nextInt(random.nextInt(4) == 0 ? DEAD : hosts));
        }

        private void good(NetAddress address) {
            if (!address.toString().matches(".*[.]1[.]0[.][0-7]:.*")) {
                assertThat(book.good(address, now)).isEqualTo(model.good(address, now));
            }
        }

        void step() {
            now += random.nextInt(20) == 0 ? random.nextInt(2 * HOUR) : random.nextInt(2 * MINUTE);
            now += random.nextInt(100) == 0 ? 5 * HOUR : 0;
            now += random.nextInt(300) == 0 ? 8 * DAY : 0;
            NetAddress address = address();
            switch (random.nextInt(14)) {
                case 0, 1, 2, 3 -> hear(address);
                case 4, 5, 6, 7, 8 -> good(address);
                case 11, 12 -> {
                    boolean counts = random.nextInt(4) > 0;
                    book.attempt(address, counts, now);
                    model.attempt(address, counts, now);
                }
                case 9 -> attemptRival();
                case 10 -> {
                    if (random.nextInt(3) > 0) {
                        return;
                    }
                    resolve();
                }
                default -> connected(address);
            }
            compare();
        }

        private void hear(NetAddress address) {
            NetAddress source =
                    random.nextInt(5) == 0
                            ? address
                            : NetAddress.parse(40 + random.nextInt(9) + ".1.1.1", 0);
            int age = random.nextInt(random.nextInt(3) == 0 ? 40 * DAY : 3 * HOUR);
            long time = random.nextInt(40) == 0 ? now + 2 * HOUR : now - age;
            var heard = new AddressEntry(time, 1L << random.nextInt(4), address);
            long penalty = random.nextBoolean() ? 0 : 2 * HOUR;
            assertThat(book.add(List.of(heard), source, penalty, now))
                    .isEqualTo(model.hear(heard, source, penalty, now));
        }

        /// Dials one that must be tested, as a feeler does.
        private void attemptRival() {
            if (!model.waiting.isEmpty()) {
                Known each = model.waiting.get(random.nextInt(model.waiting.size()));
                Known rival = model.places.get(model.triedPlace(each));
                if (rival != null) {
                    book.attempt(rival.address, true, now);
                    model.attempt(rival.address, true, now);
                }
            }
        }

        private void resolve() {
            book.resolveCollisions(now);
            model.resolveCollisions(now);
        }

        /// Two want one place. When each was heard last is a second from one of the limits of time.
        void duel() {
            Known each = model.everKnown.get(random.nextInt(model.everKnown.size()));
            if (model.find(each.address) != each
                    || model.isTried(each)
                    || !model.places.containsKey(model.triedPlace(each))) {
                return;
            }
            String place = model.triedPlace(each);
            NetAddress holder = Check.present(model.places.get(place), "someone is there").address;
            resolve();
            long end = now + 9 * HOUR;
            long meeting = end - nearLimit();
            long test = end - nearLimit();
            now = Math.min(meeting, test);
            if (meeting < test) {
                good(each.address);
            }
            now = test;
            if (random.nextBoolean()) {
                good(holder);
            } else {
                book.attempt(holder, true, now);
                model.attempt(holder, true, now);
            }
            if (meeting >= test) {
                now = meeting;
                good(each.address);
            }
            now = end;
            resolve();
            compare();
        }

        private int nearLimit() {
            int limit =
                    switch (random.nextInt(3)) {
                        case 0 -> MINUTE;
                        case 1 -> 40 * MINUTE;
                        default -> 4 * HOUR;
                    };
            return limit + random.nextInt(-1, 2);
        }

        private void connected(NetAddress address) {
            long services = random.nextInt(16);
            book.connected(address, now);
            book.setServices(address, services);
            Known known = model.find(address);
            if (known != null) {
                known.time = now - known.time > 20 * MINUTE ? now : known.time;
                known.services = services;
            }
        }

        private void compare() {
            var places = new TreeMap<String, List<Object>>();
            for (boolean tried : new boolean[] {true, false}) {
                for (AddrMan.Placed each : book.entries(tried)) {
                    AddressPosition at = each.position();
                    AddrManEntry entry = each.entry();
                    places.put(
                            (tried ? "tried " : "new ") + at.bucket() + "/" + at.position(),
                            List.of(entry.address, facts(entry), at.multiplicity()));
                }
            }
            var expected = new TreeMap<String, List<Object>>();
            var counts = new IdentityHashMap<Known, Integer>();
            model.places.values().forEach(each -> counts.merge(each, 1, Integer::sum));
            model.places.forEach(
                    (place, each) ->
                            expected.put(
                                    place,
                                    List.of(
                                            each.address,
                                            each.facts(),
                                            Check.present(counts.get(each), "counted"))));
            assertThat(places).isEqualTo(expected);
            assertThat(book.size()).isEqualTo(counts.size());
            assertThat(book.collisions.values().stream().map(each -> each.address))
                    .containsExactlyInAnyOrderElementsOf(
                            model.waiting.stream().map(each -> each.address).toList());
        }

        private static List<Object> facts(AddrManEntry each) {
            return List.of(
                    each.source,
                    each.timeSeconds,
                    each.services,
                    each.lastTrySeconds,
                    each.lastCountedTrySeconds,
                    each.lastSuccessSeconds,
                    each.attempts);
        }
    }

    @Test
    @DisplayName("E07 who stands where in the address book, and who gives way, is as a model says")
    @Sabotage(type = "weft.p2p.addr.AddrManEntry", method = "triedBucket", constant = "8>16")
    @Sabotage(type = "weft.p2p.addr.AddrManEntry", method = "newBucket", constant = "64>65")
    @Sabotage(type = "weft.p2p.addr.AddrManEntry", method = "isTerrible", constant = "3>4")
    @Sabotage(type = "weft.p2p.addr.AddrMan", method = "mayGetAnotherPlace", constant = "3600>3000")
    void shouldPlaceAndEvictAsTheModel() {
        Property.holds(
                6,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 600; i++) {
                        world.step();
                    }
                    assertThat(AddrManCheck.faultOf(world.book)).isZero();
                });
    }

    @Test
    @DisplayName("E07 who waits for a place in tried, and who gets it when, is as a model says")
    @Sabotage(type = "weft.p2p.addr.AddrMan", method = "good", constant = "10>11")
    @Sabotage(type = "weft.p2p.addr.AddrMan", method = "good", constant = "10>9")
    @Sabotage(type = "weft.p2p.addr.TriedCollision", method = "isResolved", constant = "2400>2401")
    @Sabotage(type = "weft.p2p.addr.TriedCollision", method = "isResolved", constant = "2400>2399")
    @Sabotage(
            type = "weft.p2p.addr.TriedCollision",
            method = "isResolved",
            constant = "14400>14401")
    @Sabotage(
            type = "weft.p2p.addr.TriedCollision",
            method = "isResolved",
            constant = "14400>14399")
    @Sabotage(type = "weft.p2p.addr.TriedCollision", method = "isResolved", constant = "60>61")
    void shouldResolveCollisionsAsTheModel() {
        Property.holds(
                3,
                random -> {
                    var world = new World(random);
                    world.crowd();
                    for (int i = 0; i < 250; i++) {
                        world.duel();
                    }
                    assertThat(AddrManCheck.faultOf(world.book)).isZero();
                });
    }
}
