// SPDX-License-Identifier: Apache-2.0

#include "lane_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "futex.h"

namespace {

constexpr size_t kFileBytes = LANE_SLOT_AT(LANE_SLOTS);

uint8_t *map(const std::string &path)
{
    struct stat status{};
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    void *mapped = MAP_FAILED;
    if (file >= 0 && fstat(file, &status) == 0 && static_cast<size_t>(status.st_size) == kFileBytes)
        mapped = mmap(nullptr, kFileBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    const std::string why = file < 0 || mapped == MAP_FAILED ? std::strerror(errno) : "";
    if (file >= 0)
        ::close(file);
    if (mapped == MAP_FAILED)
        throw std::runtime_error("the mailboxes " + path + " can't be mapped: " + why);
    return static_cast<uint8_t *>(mapped);
}

} // namespace

LaneFile::LaneFile(const std::string &path)
    : path_(path), bytes_(map(path)), head_(reinterpret_cast<lane_head *>(bytes_))
{
    if (head_->version == LANE_VERSION)
        return;
    munmap(bytes_, kFileBytes);
    throw std::runtime_error("the mailboxes " + path + " are of another version");
}

LaneFile::~LaneFile()
{
    munmap(bytes_, kFileBytes);
}

lane_slot *LaneFile::slot(uint32_t index)
{
    return reinterpret_cast<lane_slot *>(bytes_ + LANE_SLOT_AT(index));
}

void LaneFile::ring()
{
    __atomic_add_fetch(&head_->bell, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&head_->is_asleep, __ATOMIC_SEQ_CST) == 1)
        futex_wake(&head_->bell);
}

void LaneFile::sleep(uint32_t rings, const timespec *limit)
{
    __atomic_store_n(&head_->is_asleep, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&head_->bell, __ATOMIC_SEQ_CST) == rings)
        futex_wait(&head_->bell, rings, limit);
    __atomic_store_n(&head_->is_asleep, 0, __ATOMIC_SEQ_CST);
}
