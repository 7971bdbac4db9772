package weft.app;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.CoroutineContext;
import kotlin.coroutines.intrinsics.IntrinsicsKt;
import kotlinx.coroutines.Dispatchers;
import org.bitcoindevkit.CbfBuilder;
import org.bitcoindevkit.CbfClient;
import org.bitcoindevkit.CbfComponents;
import org.bitcoindevkit.CbfException;
import org.bitcoindevkit.Descriptor;
import org.bitcoindevkit.Info;
import org.bitcoindevkit.IpAddress;
import org.bitcoindevkit.Network;
import org.bitcoindevkit.Peer;
import org.bitcoindevkit.Persister;
import org.bitcoindevkit.ScanType;
import org.bitcoindevkit.Wallet;

/// BDK's client of BIP157, and a wallet whose blocks it looks for.
///
/// Kotlin gives unsigned numbers names that Java cannot say, so these methods are found by reflection.
final class BdkLightClient implements AutoCloseable {
    private static final String DESCRIPTOR = "wpkh(%s/84h/1h/0h/%d/*)";
    private static final String KEY =
            "tprv8ZgxMBicQKsPeDgjzdC36fs6bMjGApWDNLR9erAXMs5skhMv36j9MV5ecvfavji5khqjWaWSFhN3YcCUUdiKH"
                    + "6isR4Pwy3U5y5egddBr16m";

    private final CbfClient client;
    private final BlockingQueue<Object> said = new LinkedBlockingQueue<>();

    /// What the client goes on with when it has something to say.
    private final class Saying implements Continuation<Object> {
        @Override
        public CoroutineContext getContext() {
            // On a thread of its own: the library's must not come back to it.
            return Dispatchers.getDefault();
        }

        @Override
        public void resumeWith(Object result) {
            said.add(result);
        }
    }

    /// Dials a port of this machine and nobody else.
    ///
    /// @param folder where it keeps headers and filters
    BdkLightClient(String folder, int port, boolean v2) throws Exception {
        var wallet =
                (Wallet)
                        make(
                                Wallet.class,
                                new Descriptor(DESCRIPTOR.formatted(KEY, 0), Network.REGTEST),
                                new Descriptor(DESCRIPTOR.formatted(KEY, 1), Network.REGTEST),
                                Network.REGTEST,
                                Persister.Companion.newInMemory(),
                                25);
        byte zero = 0;
        var here =
                (IpAddress) say(IpAddress.Companion, "fromIpv4", (byte) 127, zero, zero, (byte) 1);
        Object boxed = box("kotlin.UShort", short.class, (short) port);
        var peer = (Peer) make(Peer.class, here, boxed, v2);
        var builder =
                new CbfBuilder()
                        .dataDir(folder)
                        .peers(List.of(peer))
                        .scanType(ScanType.Sync.INSTANCE);
        builder = (CbfBuilder) say(builder, "connections", (byte) 1);
        // It ends when its only peer is slow, and machines of tests may be.
        builder = (CbfBuilder) say(builder, "configureTimeoutMillis", 60_000L, 60_000L);
        CbfComponents parts = builder.build(wallet);
        client = parts.getClient();
        parts.getNode().run();
    }

    /// The next thing that it tells about its progress; empty if it is silent for too long.
    Optional<Info> next(long seconds) throws CbfException, InterruptedException {
        Object now = client.nextInfo(saying());
        if (!now.equals(IntrinsicsKt.getCOROUTINE_SUSPENDED())) {
            said.add(now);
        }
        Object one = said.poll(seconds, TimeUnit.SECONDS);
        if (one != null && !(one instanceof Info)) {
            throw new AssertionError(one.toString());
        }
        return Optional.ofNullable((Info) one);
    }

    @SuppressWarnings("unchecked")
    private Continuation<? super Info> saying() {
        return (Continuation<? super Info>) (Continuation<?>) new Saying();
    }

    private static Object box(String type, Class<?> of, Object value)
            throws ReflectiveOperationException {
        return Class.forName(type).getMethod("box-impl", of).invoke(null, value);
    }

    /// Calls the constructor that has Kotlin's mark as a last parameter.
    private static Object make(Class<?> type, Object... arguments)
            throws ReflectiveOperationException {
        for (Constructor<?> each : type.getConstructors()) {
            if (each.getParameterCount() == arguments.length + 1 && each.isSynthetic()) {
                return each.newInstance(Arrays.copyOf(arguments, arguments.length + 1));
            }
        }
        throw new NoSuchMethodException(type.getName());
    }

    /// Calls a method whose name goes on after a hyphen.
    private static Object say(Object object, String name, Object... arguments)
            throws NoSuchMethodException, IllegalAccessException, InvocationTargetException {
        for (Method each : object.getClass().getMethods()) {
            if (each.getName().startsWith(name + "-")) {
                return each.invoke(object, arguments);
            }
        }
        throw new NoSuchMethodException(name);
    }

    /// The height that it knows of.
    static int height(Info.Progress progress) throws ReflectiveOperationException {
        return (int) say(progress, "getChainHeight");
    }

    @Override
    public void close() throws CbfException {
        client.shutdown();
    }
}
