// SPDX-License-Identifier: Apache-2.0
import java.io.RandomAccessFile;
import sun.misc.Unsafe;

/** Callers PATH BASE COUNT: reads a register that often, through a helper; then ends with its input. */
class Callers {
  static Unsafe memory;
  static long device;

  static int readRegister(int at) {
    return memory.getInt(device + at);
  }

  static int pollStatus(int times) {
    int seen = 0;
    for (int i = 0; i < times; i++) seen |= readRegister(8);
    return seen;
  }

  public static void main(String[] arguments) throws Exception {
    var field = Unsafe.class.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    memory = (Unsafe) field.get(null);
    try (var file = new RandomAccessFile(arguments[0], "rw")) {
      var channel = file.getChannel();
      var types = new Class<?>[] {int.class, long.class, long.class, boolean.class};
      var method = channel.getClass().getDeclaredMethod("map0", types);
      method.setAccessible(true);
      device = (Long) method.invoke(channel, 1, Long.decode(arguments[1]), 4096L, false);
    }
    pollStatus(Integer.parseInt(arguments[2]));
    System.out.println("done");
    System.in.read();
  }
}
