package weft.chain;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Now;

/// Takes headers and blocks in: everything that is checked before a block has a place on disk.
final class BlockIntake {
    private final ChainParts parts;
    private final ChainActivation activation;
    private final BlockWorth worth;

    BlockIntake(ChainParts parts, ChainActivation activation) {
        this.parts = parts;
        this.activation = activation;
        this.worth = new BlockWorth(parts);
    }

    /// Takes in headers, up to the first that breaks a rule.
    void headers(ChainCommand.SubmitHeaders command, Now now) {
        HeaderNode bestBefore = parts.tree.best();
        var nodes = new ArrayList<HeaderNode>();
        var added = new ArrayList<HeaderNode>();
        for (BlockHeader header : command.headers()) {
            HeaderTree.Accepted accepted = header(header, command.minPowChecked(), now);
            BlockEntry entry = accepted.entry();
            BlockFailure refused = accepted.failure();
            if (refused != null || entry == null) {
                BlockFailure why =
                        Check.present(refused, "a header that is not taken has a failure");
                activation.emit(
                        new ChainEvent.HeadersRejected(
                                command.origin(), header.hash(), why, List.copyOf(added)));
                return;
            }
            nodes.add(entry.node());
            if (accepted.isNew()) {
                added.add(entry.node());
            }
        }
        activation.emit(
                new ChainEvent.HeadersAccepted(
                        command.origin(), List.copyOf(nodes), List.copyOf(added)));
        boolean hasBetter = !parts.tree.best().equals(bestBefore);
        if (hasBetter && parts.download.isRunning(parts.chain.tip(), now) && !nodes.isEmpty()) {
            parts.log.synchronizingHeaders(nodes.getLast(), now);
        }
    }

    /// Takes in one header.
    HeaderTree.Accepted header(BlockHeader header, boolean minPowChecked, Now now) {
        HeaderTree.Accepted accepted = parts.tree.accept(header, minPowChecked, now);
        BlockEntry entry = accepted.entry();
        if (accepted.isNew() && entry != null) {
            parts.log.newHeader(entry.node(), parts.download.isRunning(parts.chain.tip(), now));
        }
        return accepted;
    }

    /// Takes in a block, stores it if it could matter, and goes to the branch with most work.
    ///
    /// A block that fails by itself, before its branch is looked at, is not remembered, as in Bitcoin Core.
    /// *Rationale:* were there one more way to change a valid block under the same header so that it fails,
    /// a mark on the header would split us off for good; to check it again costs little, and whoever sends
    /// it whole sends it once.
    SubmitResult block(ChainCommand.SubmitBlock command, Now now) {
        Block block = command.block();
        BlockFailure refused = parts.rules.checkHeader(block.header(), block.hash());
        if (refused == null) {
            refused = parts.rules.checkBlock(block);
        }
        if (refused != null) {
            return rejected(command.origin(), block, refused);
        }
        boolean minPowChecked =
                command.origin().equals(Origin.SELF) || worth.hasEnoughWork(block.header());
        HeaderTree.Accepted accepted = header(block.header(), minPowChecked, now);
        BlockEntry entry = accepted.entry();
        refused = accepted.failure();
        if (refused != null || entry == null) {
            return rejected(
                    command.origin(),
                    block,
                    Check.present(refused, "a header that is not taken has a failure"));
        }
        if (entry.hasBlock()) {
            activation.emit(new ChainEvent.BlockStored(command.origin(), entry.node(), false));
            activation.activate(null, now);
            return SubmitResult.ignored();
        }
        if (!command.requested() && !worth.isWorthStoring(entry)) {
            activation.tell();
            return SubmitResult.ignored();
        }
        refused = checkInContext(entry, block);
        if (refused != null) {
            return rejected(command.origin(), block, refused);
        }
        parts.storage.storeBlock(entry, block);
        activation.sentBy(block.hash(), command.origin());
        parts.candidates.received(entry, parts.tree.entry(parts.chain.tip()));
        activation.emit(new ChainEvent.BlockStored(command.origin(), entry.node(), true));
        activation.tell();
        boolean mayWait = !command.origin().equals(Origin.SELF);
        return new SubmitResult(
                true,
                mayWait ? activation.activateAhead(block, now) : activation.activate(block, now));
    }

    private SubmitResult rejected(Origin origin, Block block, BlockFailure why) {
        parts.log.acceptBlockFailed(why);
        activation.emit(new ChainEvent.BlockRejected(origin, block.hash(), why));
        activation.tell();
        return SubmitResult.failed(why);
    }

    /// Checks a block against its branch; what is wrong marks the header.
    @Nullable BlockFailure checkInContext(BlockEntry entry, Block block) {
        HeaderNode parent = Check.present(entry.node().parent(), "genesis is there from the start");
        BlockFailure refused = parts.rules.checkBlockInContext(block, parent);
        if (refused != null) {
            parts.log.acceptBlock(refused);
            if (refused.kind() != BlockFailure.Kind.MUTATED) {
                activation.invalidFound(entry);
            }
        }
        return refused;
    }
}
