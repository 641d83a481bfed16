// SPDX-License-Identifier: Apache-2.0
import java.io.RandomAccessFile;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel.MapMode;

/**
 * Registers PATH BASE: accesses beside the virtual machine's own uses of SIGSEGV: null checks, safepoints, stack ends.
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

  public static void main(String[] arguments) throws Exception {
    MappedByteBuffer device;
    try (var file = new RandomAccessFile(arguments[0], "rw")) {
      device = file.getChannel().map(MapMode.READ_WRITE, Long.decode(arguments[1]), 4096);
    }
    device.order(ByteOrder.LITTLE_ENDIAN);
    int nulls = 0, wrong = 0;
    for (int i = 0; i < 20_000; i++) {
      nulls += countNulls(i % 1000 == 0 ? null : "object");
      if (i % 100 == 0) {
        device.putInt(4, i);
        wrong += device.getInt(4) == i ? 0 : 1;
      }
    }
    try {
      fillStack(0);
    } catch (StackOverflowError expected) {
      System.gc();
      System.out.println(nulls + " nulls, " + wrong + " wrong, last " + device.getInt(4));
    }
  }
}
