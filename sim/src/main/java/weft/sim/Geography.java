package weft.sim;

import java.util.random.RandomGenerator;

/// Where nodes are, as far as time is concerned.
interface Geography {
    /// The one-way delay of a new connection.
    long latency(SimNode from, SimNode to, RandomGenerator random);

    /// How long a message keeps a connection busy.
    long transmission(SimNode from, SimNode to, int bytes);

    /// How long a message keeps the line of its sender busy for all its other messages too.
    long departure(SimNode from, int bytes);
}
