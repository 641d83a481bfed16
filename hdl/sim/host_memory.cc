// SPDX-License-Identifier: Apache-2.0

#include "host_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iterator>

#include "job.h"

namespace {

// Maps part of a file; on failure sets why.
uint8_t *map_file(const trapline_v1_MapMemory &request, std::string &why)
{
    const std::string path = request.path;
    const int fd = open(path.c_str(), (request.writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (fd < 0) {
        why = "cannot open " + path + ": " + std::strerror(errno);
        return nullptr;
    }
    struct stat status{};
    void *bytes = MAP_FAILED;
    if (fstat(fd, &status) != 0 || static_cast<uint64_t>(status.st_size) < request.offset + request.size) {
        why = path + " has " + std::to_string(status.st_size) + " bytes, fewer than the mapping reaches";
    } else {
        bytes = mmap(nullptr, request.size, PROT_READ | (request.writable ? PROT_WRITE : 0), MAP_SHARED, fd,
                     static_cast<off_t>(request.offset));
        if (bytes == MAP_FAILED)
            why = "cannot map " + path + ": " + std::strerror(errno);
    }
    close(fd);
    return bytes == MAP_FAILED ? nullptr : static_cast<uint8_t *>(bytes);
}

} // namespace

HostMemory::~HostMemory()
{
    while (!regions_.empty())
        unmap(regions_.begin()->first);
}

std::string HostMemory::map(const trapline_v1_MapMemory &request)
{
    const uint64_t address = request.address;
    const uint64_t size = request.size;
    const std::string range = to_hex(size) + " bytes at " + to_hex(address);
    if (address % kPageBytes || size % kPageBytes || size == 0 || size - 1 > ~uint64_t{0} - address) {
        return "memory of " + range + " can't be mapped: address and size are multiples of 4096";
    }
    const auto above = regions_.lower_bound(address);
    const bool overlaps_above = above != regions_.end() && above->first - address < size;
    const bool overlaps_below = above != regions_.begin() &&
                                address - std::prev(above)->first < std::prev(above)->second.size;
    if (overlaps_above || overlaps_below)
        return "memory of " + range + " overlaps what is mapped already";
    std::string why;
    uint8_t *bytes = request.path[0] ? map_file(request, why) : nullptr;
    if (why.empty())
        regions_[address] = {size, request.writable, bytes};
    return why;
}

std::string HostMemory::unmap(uint64_t address)
{
    const auto found = regions_.find(address);
    if (found == regions_.end())
        return "no memory is mapped at " + to_hex(address);
    if (found->second.bytes)
        munmap(found->second.bytes, found->second.size);
    regions_.erase(found);
    return "";
}

HostMemory::Place HostMemory::find(uint64_t address) const
{
    const auto above = regions_.upper_bound(address);
    if (above == regions_.begin())
        return {nullptr, 0};
    const auto &[start, region] = *std::prev(above);
    if (address - start >= region.size)
        return {nullptr, 0};
    return {&region, address - start};
}

HostMemory::Answer HostMemory::may(bool write, uint64_t address) const
{
    const Region *region = find(address).region;
    if (!region)
        return Answer::kNotMapped;
    return write && !region->writable ? Answer::kReadOnly : Answer::kOkay;
}

HostMemory::Answer HostMemory::read(uint64_t address, uint32_t size, uint8_t *data) const
{
    const Place place = find(address);
    if (!place.region)
        return Answer::kNotMapped;
    if (!place.region->bytes)
        return ask_(address, size, nullptr, data) ? Answer::kOkay : Answer::kLost;
    std::memcpy(data, place.region->bytes + place.offset, size);
    return Answer::kOkay;
}

HostMemory::Answer HostMemory::write(uint64_t address, uint32_t size, const uint8_t *data)
{
    const Place place = find(address);
    if (!place.region)
        return Answer::kNotMapped;
    if (!place.region->writable)
        return Answer::kReadOnly;
    written_ |= watched_.size != 0 && watched_.overlaps(address, size);
    if (!place.region->bytes)
        return ask_(address, size, data, nullptr) ? Answer::kOkay : Answer::kLost;
    std::memcpy(place.region->bytes + place.offset, data, size);
    return Answer::kOkay;
}
