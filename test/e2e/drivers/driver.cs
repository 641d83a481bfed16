// SPDX-License-Identifier: Apache-2.0
// driver SENSOR UIO, by FileStream, and by libc where .NET has no way: its mappings are of files that have a size.
using System;
using System.IO;
using System.Runtime.InteropServices;

static class Driver
{
    [DllImport("libc", SetLastError = true)]
    static extern IntPtr mmap(IntPtr address, UIntPtr length, int protection, int flags, int descriptor, IntPtr offset);

    static IntPtr Map(FileStream file)
    {
        int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
        return mmap(IntPtr.Zero, (UIntPtr)4096, 3, 1, descriptor, IntPtr.Zero);
    }

    static FileStream Open(string path)
    {
        return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 1);
    }

    static int Main(string[] arguments)
    {
        FileStream sensor = Open(arguments[0]), uio = Open(arguments[1]);
        Console.WriteLine("open ok");
        byte[] word = BitConverter.GetBytes(0x11223344);
        sensor.Write(word, 0, 4);
        sensor.Flush();
        Console.WriteLine("write 4");
        using (FileStream again = Open(arguments[0]))
            again.Read(word, 0, 4);
        Console.WriteLine("read {0:x}", BitConverter.ToUInt32(word, 0));
        Console.WriteLine("map {0:x}", Marshal.ReadInt32(Map(sensor)));
        IntPtr timer = Map(uio);
        Marshal.WriteInt32(timer, 12, 3000);
        Marshal.WriteInt32(timer, 0, 3);
        uio.Read(word, 0, 4);
        Console.WriteLine("wait {0}", BitConverter.ToUInt32(word, 0));
        return 0;
    }
}
