package weft.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/// Ports of the loopback interface for processes that a test is about to start.
///
/// They lie below those that the system gives to outgoing connections, and above the usual ones of the
/// networks, which some tests use. *Rationale:* between the choice of a port and the start of who listens
/// there another connection, or test, would take it sooner or later.
public final class FreePorts {
    private static final int FIRST = 19_000;

    /// Each JVM that runs tests for one build takes ports from a part of its own, of this many.
    private static final int SPAN = 3_000;

    private static final int PARTS = 4;

    private static final int START = FIRST + Math.floorMod(fork(), PARTS) * SPAN;

    /// Builds that run side by side begin at places of their own.
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 7_919 % SPAN));

    private FreePorts() {}

    /// Which of the JVMs of this build this is, from 1; 0 where no build started it.
    private static int fork() {
        return Integer.getInteger("surefire.forkNumber", 0);
    }

    /// A port on which nobody listens; no two calls give the same one.
    public static int one() {
        return block(1);
    }

    /// The first of several ports in a row on which nobody listens, which no other call gives.
    public static int block(int size) {
        for (int i = 0; i < SPAN; i++) {
            int first = START + Math.floorMod(NEXT.getAndAdd(size), SPAN);
            if (first + size <= START + SPAN && areFree(first, size)) {
                return first;
            }
        }
        throw new AssertionError("no " + size + " free ports in a row");
    }

    private static boolean areFree(int first, int size) {
        for (int port = first; port < first + size; port++) {
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                if (!socket.isBound()) {
                    return false;
                }
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }
}
