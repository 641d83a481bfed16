// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import sun.misc.Unsafe;

/**
 * Registers PATH BASE: accesses beside the virtual machine's own uses of SIGSEGV: null checks, safepoints, stack ends.
 * What is public of Java lengthens a file before it maps it, which fails for a device; so programs map it natively.
 */
class Registers {
  static int countNulls(Object object) {
    try {
      return object.hashCode() & 0;
    } catch (NullPointerException expected) {
      return 1;
    }
  }

  static int fillStack(int depth) {
    return 1 + fillStack(depth + 1);
  }

  static String tryPublicMap(FileChannel channel, long base) {
    try {
      return "mapped " + channel.map(MapMode.READ_WRITE, base, 4096);
    } catch (IOException refused) {
      return refused.getMessage();
    }
  }

  static long map(FileChannel channel, long base) throws Exception {
    var types = new Class<?>[] {int.class, long.class, long.class, boolean.class};
    var method = channel.getClass().getDeclaredMethod("map0", types);
    method.setAccessible(true);
    return (Long) method.invoke(channel, 1, base, 4096L, false);
  }

  public static void main(String[] arguments) throws Exception {
    var field = Unsafe.class.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    var memory = (Unsafe) field.get(null);
    long device;
    try (var file = new RandomAccessFile(arguments[0], "rw")) {
      long base = Long.decode(arguments[1]);
      System.out.println(tryPublicMap(file.getChannel(), base));
      device = map(file.getChannel(), base);
    }
    int nulls = 0, wrong = 0;
    for (int i = 0; i < 20_000; i++) {
      nulls += countNulls(i % 1000 == 0 ? null : "object");
      if (i % 100 == 0) {
        memory.putInt(device + 4, i);
        wrong += memory.getInt(device + 4) == i ? 0 : 1;
      }
    }
    try {
      fillStack(0);
    } catch (StackOverflowError expected) {
      System.gc();
      System.out.println(nulls + " nulls, " + wrong + " wrong, last " + memory.getInt(device + 4));
    }
  }
}
