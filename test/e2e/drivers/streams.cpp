// SPDX-License-Identifier: Apache-2.0
// driver SENSOR UIO, by the streams of C++, which can't map: /dev/mem's timer is started before it waits.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>

static std::fstream opened(const char *path)
{
    std::fstream file;
    file.rdbuf()->pubsetbuf(nullptr, 0);
    file.open(path, std::ios::in | std::ios::out | std::ios::binary);
    return file;
}

int main(int count, char **arguments)
{
    std::fstream sensor = opened(arguments[1]), uio = opened(arguments[2]);
    std::cout << "open " << (sensor && uio ? "ok" : "failed") << std::endl;
    std::uint32_t word = 0x11223344;
    sensor.write(reinterpret_cast<char *>(&word), sizeof word).flush();
    std::cout << "write " << sensor.tellp() << std::endl;
    sensor.seekg(0).read(reinterpret_cast<char *>(&word), sizeof word);
    std::cout << "read " << std::hex << word << std::dec << std::endl;
    if (count == 4 && std::system(arguments[3]) == 0 && uio.read(reinterpret_cast<char *>(&word), sizeof word))
        std::cout << "wait " << word << std::endl;
}
