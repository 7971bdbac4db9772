package weft.p2p.defence;

/// Settings of what the engine does against attackers.
///
/// @param policy what becomes of peers that break the protocol (`-misbehaviour`)
/// @param reacts whether warnings are acted on (`-autodefence`); they are given in any case
/// @param measures against having only an attacker's peers; all but in experiments
public record DefenceOptions(MisbehaviourPolicy policy, boolean reacts, Countermeasures measures) {
    /// As Bitcoin Core, and reactions to warnings.
    public static final DefenceOptions DEFAULT =
            new DefenceOptions(MisbehaviourPolicy.CORE, true, Countermeasures.ALL);

    /// With another policy.
    public DefenceOptions with(MisbehaviourPolicy changed) {
        return new DefenceOptions(changed, reacts, measures);
    }

    /// With other measures.
    public DefenceOptions with(Countermeasures changed) {
        return new DefenceOptions(policy, reacts, changed);
    }

    /// With warnings acted on, or not.
    public DefenceOptions reacting(boolean on) {
        return new DefenceOptions(policy, on, measures);
    }
}
