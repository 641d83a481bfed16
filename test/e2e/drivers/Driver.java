// SPDX-License-Identifier: Apache-2.0
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import sun.misc.Unsafe;

/**
 * Driver SENSOR UIO, by channels. What is public of Java lengthens a file before it maps it, which fails for a device
 * with the kernel's word, so it maps as programs do that must: by what lies under it.
 */
class Driver {
  static long map(FileChannel channel) throws Exception {
    var types = new Class<?>[] {int.class, long.class, long.class, boolean.class};
    try {
      var method = channel.getClass().getDeclaredMethod("map0", types);
      method.setAccessible(true);
      return (Long) method.invoke(channel, 1, 0L, 4096L, false);
    } catch (NoSuchMethodException isLater) {
      return mapByDispatcher(channel);
    }
  }

  /** Where Java 21 has it. */
  static long mapByDispatcher(FileChannel channel) throws Exception {
    var types = new Class<?>[] {FileDescriptor.class, int.class, long.class, long.class, boolean.class};
    var method = Class.forName("sun.nio.ch.FileDispatcher").getDeclaredMethod("map", types);
    method.setAccessible(true);
    return (Long) method.invoke(of(channel, "nd"), of(channel, "fd"), 1, 0L, 4096L, false);
  }

  static Object of(FileChannel channel, String name) throws Exception {
    var field = channel.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(channel);
  }

  public static void main(String[] arguments) throws Exception {
    var field = Unsafe.class.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    var memory = (Unsafe) field.get(null);
    var sensor = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.READ, StandardOpenOption.WRITE);
    var uio = new RandomAccessFile(arguments[1], "rw");
    System.out.println("open ok");
    var word = ByteBuffer.allocateDirect(4).order(ByteOrder.LITTLE_ENDIAN);
    word.putInt(0, 0x11223344);
    System.out.println("write " + sensor.write(word));
    word.clear();
    sensor.read(word, 0);
    System.out.printf("read %x%n", word.getInt(0));
    try {
      sensor.map(MapMode.READ_WRITE, 0, 4096);
    } catch (IOException refused) {
      System.out.println("map " + refused.getMessage());
    }
    System.out.printf("map %x%n", memory.getInt(map(sensor)));
    long timer = map(uio.getChannel());
    memory.putInt(timer + 12, 3000);
    memory.putInt(timer, 3);
    var count = new byte[4];
    if (uio.read(count) == 4)
      System.out.println("wait " + ByteBuffer.wrap(count).order(ByteOrder.LITTLE_ENDIAN).getInt());
  }
}
