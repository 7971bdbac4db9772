package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// [OutboundPlan] with its parts against [OutboundPlanModel].
class OutboundPlanModelTest implements SeenRed {
    private static final String PLAN = "weft.p2p.OutboundPlan";

    /// What every run must come across.
    private static final List<String> RULES =
            List.of(
                    "ADDR_FETCH",
                    "MANUAL",
                    "added",
                    "all seeds",
                    "anchor: found",
                    "anchor: nobody",
                    "asked for addresses",
                    "asked once more",
                    "counted FEELER",
                    "dial refused",
                    "extra block-relay-only peer: false",
                    "extra block-relay-only peer: true",
                    "extra for a stale tip",
                    "extra outbound peer: false",
                    "extra outbound peer: true",
                    "fixed seeds after a minute",
                    "fixed seeds at once",
                    "found at 1",
                    "found at 30",
                    "found at 50",
                    "found at 60",
                    "group",
                    "need of BLOCK_RELAY_ONLY: found",
                    "need of FEELER: found",
                    "need of OUTBOUND_FULL_RELAY of a network: found",
                    "nobody to ask",
                    "odd port",
                    "old friend",
                    "own",
                    "probe",
                    "rival",
                    "second source",
                    "second try",
                    "seed asked",
                    "seed itself",
                    "seeds by need",
                    "services for FEELER",
                    "services for OUTBOUND_FULL_RELAY",
                    "there",
                    "tried lately",
                    "two peers are there: false",
                    "two peers are there: true",
                    "unreachable",
                    "unwanted");

    @Test
    @DisplayName("Which connections are opened when is as a model with a diary of all dials says")
    @Sabotage(type = PLAN, method = "hasRoom", call = "countAutomatic", returns = "0")
    @Sabotage(type = PLAN, method = "need", call = "isEmpty", returns = "true")
    @Sabotage(type = PLAN, method = "timedNeed", constant = "120000000000>60000000000")
    @Sabotage(type = PLAN, method = "timedNeed", call = "wantsBlockRelay", returns = "false")
    @Sabotage(type = PLAN, method = "networkWithoutPeers", call = "size", returns = "1")
    @Sabotage(type = "weft.p2p.Taken", method = "isLasting", returns = "true")
    @Sabotage(type = PLAN, method = "choose", constant = "2>1")
    @Sabotage(type = PLAN, method = "nextAnchor", call = "isDesirable", returns = "true")
    @Sabotage(type = PLAN, method = "fromBook", call = "contains", returns = "false")
    @Sabotage(type = PLAN, method = "select", call = "oldFriends", returns = "false")
    @Sabotage(type = PLAN, method = "isFit", constant = "30>29")
    @Sabotage(type = PLAN, method = "isFit", constant = "50>51")
    @Sabotage(type = PLAN, method = "isFit", constant = "60>61")
    @Sabotage(type = PLAN, method = "isFit", constant = "600>660")
    @Sabotage(type = PLAN, method = "isFit", call = "isDesirable", returns = "true")
    @Sabotage(type = PLAN, method = "isFit", call = "isUnwanted", returns = "false")
    @Sabotage(type = PLAN, method = "addFixedSeeds", constant = "60000000000>60000000001")
    @Sabotage(type = PLAN, method = "lookForSecondSource", returns = "void")
    @Sabotage(type = PLAN, method = "wake", returns = "void")
    @Sabotage(type = PLAN, method = "step", constant = "16000000000>8000000000")
    @Sabotage(type = PLAN, method = "wantsProbing", call = "size", returns = "0")
    @Sabotage(type = PLAN, method = "stepDeadlineNanos", returns = "9223372036854775807")
    @Sabotage(type = "weft.p2p.AddedNodes$Wanted", method = "tried", returns = "void")
    @Sabotage(
            type = "weft.p2p.DnsSeeding",
            method = "await",
            call = "hasEnoughPeers",
            returns = "false")
    @Sabotage(type = "weft.p2p.ExtraPeers", method = "mayGo", returns = "true")
    @Sabotage(type = "weft.p2p.Dialler", method = "isHostConnected", returns = "false")
    void shouldDialAsTheModel() {
        var met = new TreeMap<String, Integer>();
        Property.holds(
                60,
                random -> {
                    var world = new OutboundWorld(random, met);
                    for (int i = 0; i < 100; i++) {
                        world.step();
                    }
                    world.compareBooks();
                });
        if (Long.getLong("weft.seed") == null) {
            assertThat(met.keySet()).as("no rule is never met").containsAll(RULES);
        }
    }
}
