package weft.app.compare;

import java.util.function.Consumer;

/// A class of transactions.
///
/// @param weight how often it comes, compared with others
record Case(String name, int weight, Consumer<Stage> play) {}
