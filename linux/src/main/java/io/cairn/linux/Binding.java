package io.cairn.linux;

import com.kenai.jffi.ArrayFlags;
import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * Makes the calls of an interface whose methods have the names of libc's functions and parameters as in C. A function is looked up when it is
 * first called. jnr-ffi does the same, but reads annotations for it and makes a class for each kind of them: a tenth of what a start computed.
 *
 * <p>An array is handed over as a copy, and copied back after the call; of a {@link ByteBuffer} goes what is between position and limit, and
 * neither moves. Null is C's. Thread-safe.
 */
final class Binding implements InvocationHandler {
    private static final String LIBC = "libc.so.6";
    private static final boolean SAVE_ERRNO = true;
    private static final int IN_AND_OUT = ArrayFlags.IN | ArrayFlags.OUT;

    private final Map<Method, Bound> functions = new ConcurrentHashMap<>();

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) {
        return functions.computeIfAbsent(method, Bound::of).call(arguments);
    }

    private record Bound(Function function, Kind result, Kind[] parameters) {
        static Bound of(Method method) {
            Kind result = Kind.of(method.getReturnType());
            if (result != Kind.INT && result != Kind.LONG) {
                throw new IllegalArgumentException("Expected an int or a long as the result of %s, but got %s".formatted(method.getName(), result));
            }
            Kind[] parameters = Stream.of(method.getParameterTypes()).map(Kind::of).toArray(Kind[]::new);
            Type[] types = Stream.of(parameters).map(kind -> kind.inC).toArray(Type[]::new);
            long address = Library.getCachedInstance(LIBC, Library.LAZY).getSymbolAddress(method.getName());
            if (address == 0) {
                throw new UnsatisfiedLinkError("%s has no function %s".formatted(LIBC, method.getName()));
            }
            var context = CallContext.getCallContext(result.inC, types, CallingConvention.DEFAULT, SAVE_ERRNO);
            return new Bound(new Function(address, context), result, parameters);
        }

        Object call(Object[] arguments) {
            var buffer = new HeapInvocationBuffer(function);
            for (int i = 0; i < parameters.length; i++) {
                if (arguments[i] == null) {
                    buffer.putAddress(0);
                } else {
                    parameters[i].put.accept(buffer, arguments[i]);
                }
            }
            if (result == Kind.LONG) {
                return Invoker.getInstance().invokeLong(function, buffer);
            }
            return Invoker.getInstance().invokeInt(function, buffer);
        }
    }

    private enum Kind {
        SHORT(short.class, Type.SINT16, (buffer, value) -> buffer.putShort((Short) value)),
        INT(int.class, Type.SINT32, (buffer, value) -> buffer.putInt((Integer) value)),
        LONG(long.class, Type.SINT64, (buffer, value) -> buffer.putLong((Long) value)),
        STRING(String.class, Type.POINTER, (buffer, value) -> put(buffer, Names.terminated((String) value))),
        BYTES(byte[].class, Type.POINTER, (buffer, value) -> put(buffer, (byte[]) value)),
        INTS(int[].class, Type.POINTER, (buffer, value) -> buffer.putArray((int[]) value, 0, ((int[]) value).length, IN_AND_OUT)),
        LONGS(long[].class, Type.POINTER, (buffer, value) -> buffer.putArray((long[]) value, 0, ((long[]) value).length, IN_AND_OUT)),
        BUFFER(ByteBuffer.class, Type.POINTER, (buffer, value) -> put(buffer, (ByteBuffer) value));

        private final Class<?> inJava;
        private final Type inC;
        private final BiConsumer<HeapInvocationBuffer, Object> put;

        Kind(Class<?> inJava, Type inC, BiConsumer<HeapInvocationBuffer, Object> put) {
            this.inJava = inJava;
            this.inC = inC;
            this.put = put;
        }

        static Kind of(Class<?> type) {
            return Stream.of(values()).filter(kind -> kind.inJava == type).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("Expected a type that can be handed to C, but got " + type));
        }

        private static void put(HeapInvocationBuffer buffer, byte[] bytes) {
            buffer.putArray(bytes, 0, bytes.length, IN_AND_OUT);
        }

        private static void put(HeapInvocationBuffer buffer, ByteBuffer bytes) {
            if (bytes.isDirect()) {
                buffer.putDirectBuffer(bytes, bytes.position(), bytes.remaining());
            } else {
                buffer.putArray(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining(), IN_AND_OUT);
            }
        }
    }
}
