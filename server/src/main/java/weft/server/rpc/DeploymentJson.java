package weft.server.rpc;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.ChainParams.Deployment;
import weft.consensus.VersionBits;
import weft.server.json.Json;

/// The rules in force at a block, in the form of `getdeploymentinfo`.
final class DeploymentJson {
    private final ChainParams params;
    private final VersionBits states;

    DeploymentJson(ChainParams params) {
        this.params = params;
        this.states = new VersionBits(params);
    }

    ObjectNode all(HeaderNode at) {
        ObjectNode json = Json.object();
        ChainParams.Heights heights = params.heights();
        buried(json, "bip34", heights.bip34(), at);
        buried(json, "bip66", heights.bip66(), at);
        buried(json, "bip65", heights.bip65(), at);
        buried(json, "csv", heights.csv(), at);
        buried(json, "segwit", heights.segwit(), at);
        for (Deployment rule : params.deployments().all()) {
            if (rule.startTime() != Deployment.NEVER_ACTIVE) {
                json.set(rule.name(), voted(rule, at));
            }
        }
        return json;
    }

    private static void buried(ObjectNode json, String name, int height, HeaderNode at) {
        json.putObject(name)
                .put("type", "buried")
                .put("active", at.height() + 1 >= height)
                .put("height", height);
    }

    private ObjectNode voted(Deployment rule, HeaderNode at) {
        VersionBits.State now = states.state(rule, at.parent());
        VersionBits.State next = states.state(rule, at);
        boolean isVoting = now == VersionBits.State.STARTED || now == VersionBits.State.LOCKED_IN;
        ObjectNode vote = Json.object();
        if (isVoting) {
            vote.put("bit", rule.bit());
        }
        vote.put("start_time", rule.startTime());
        vote.put("timeout", rule.timeout());
        vote.put("min_activation_height", rule.minActivationHeight());
        vote.put("status", now.name().toLowerCase(Locale.ROOT));
        vote.put("since", since(rule, at.parent()));
        vote.put("status_next", next.name().toLowerCase(Locale.ROOT));
        if (isVoting) {
            statistics(vote, rule, now, at);
        }
        ObjectNode json = Json.object();
        json.put("type", "bip9");
        if (next == VersionBits.State.ACTIVE) {
            json.put("height", since(rule, at));
        }
        json.put("active", next == VersionBits.State.ACTIVE);
        json.set("bip9", vote);
        return json;
    }

    /// The height from which a rule has the state that it has on top of `parent`.
    private int since(Deployment rule, @Nullable HeaderNode parent) {
        if (parent == null || rule.startTime() == Deployment.ALWAYS_ACTIVE) {
            return 0;
        }
        int window = params.deployments().window();
        VersionBits.State state = states.state(rule, parent);
        if (state == VersionBits.State.DEFINED) {
            return 0;
        }
        HeaderNode end = parent.ancestor(parent.height() - (parent.height() + 1) % window);
        while (end != null) {
            HeaderNode before = end.ancestor(end.height() - window);
            if (before == null || states.state(rule, before) != state) {
                return end.height() + 1;
            }
            end = before;
        }
        return 0;
    }

    private void statistics(
            ObjectNode vote, Deployment rule, VersionBits.State now, HeaderNode at) {
        int window = params.deployments().window();
        int elapsed = 1 + at.height() % window;
        var signals = new StringBuilder();
        int count = 0;
        for (int height = at.height() - elapsed + 1; height <= at.height(); height++) {
            HeaderNode each = at.ancestor(height);
            boolean votes = each != null && VersionBits.hasBit(each.header().version(), rule.bit());
            signals.append(votes ? '#' : '-');
            count += votes ? 1 : 0;
        }
        int threshold = params.deployments().threshold();
        ObjectNode statistics = vote.putObject("statistics");
        statistics.put("period", window).put("elapsed", elapsed).put("count", count);
        if (now != VersionBits.State.LOCKED_IN) {
            statistics
                    .put("threshold", threshold)
                    .put("possible", window - threshold >= elapsed - count);
        }
        vote.put("signalling", signals.toString());
    }
}
