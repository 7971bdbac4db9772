package weft.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/// Ports of the loopback interface for processes that a test is about to start.
///
/// They lie below those that the system gives to outgoing connections. *Rationale:* between the choice of a
/// port and the start of who listens there another connection would take it sooner or later.
public final class FreePorts {
    private static final int FIRST = 12_000;
    private static final int SPAN = 20_000;

    /// Builds that run side by side begin at places of their own.
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 7_919 % SPAN));

    private FreePorts() {}

    /// A port on which nobody listens; no two calls give the same one.
    public static int one() {
        return block(1);
    }

    /// The first of several ports in a row on which nobody listens, which no other call gives.
    public static int block(int size) {
        for (int i = 0; i < SPAN; i++) {
            int first = FIRST + Math.floorMod(NEXT.getAndAdd(size), SPAN);
            if (areFree(first, size)) {
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
