/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <stddef.h>
#include <sys/mman.h>

#include "device/transfer.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "pointed.h"

struct words_room {
    struct words_room *before;
    size_t size;
    char bytes[];
};

/* What the kernel takes at most: of one word, and of all words of a list (execve(2)). */
enum { MOST_TEXT = 32 * 4096, MOST_LIST = 6 << 20 };

static void *make_room(struct words *words, size_t bytes)
{
    size_t size = sizeof(struct words_room) + bytes;
    long area = raw_syscall(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                            -1, 0);
    if (area < 0 && area > -(long)PAGE_BYTES)
        return NULL;
    struct words_room *room = (struct words_room *)area;
    room->before = words->rooms;
    room->size = size;
    words->rooms = room;
    return room->bytes;
}

static struct transfer_call call_of(const struct words *words)
{
    return (struct transfer_call){words->pc, "execve()"};
}

static void take_text(struct words *words, const char **text)
{
    if (*text == NULL || !transfer_is_needed(*text, 1))
        return;
    char *room = make_room(words, MOST_TEXT + sizeof(uint64_t));
    if (room != NULL && pointed_copy_text(call_of(words), room, *text, MOST_TEXT))
        *text = room;
}

/* A window can't be read. */
void words_take_text(struct words *words, const char **text)
{
    if (transfer_may_be_needed() && !readable_text(*text))
        take_text(words, text);
}

void words_take_list(struct words *words, char *const **list)
{
    enum { MOST = MOST_LIST / sizeof(char *) };
    if (!transfer_may_be_needed() || readable_list(*list))
        return;
    const char **room = make_room(words, (MOST + 1) * sizeof *room);
    for (size_t i = 0; room != NULL && i < MOST; i++) {
        if (!transfer_from_window(call_of(words), &room[i], *list + i, sizeof *room))
            return;
        if (room[i] == NULL) {
            *list = (char *const *)room;
            return;
        }
        take_text(words, &room[i]);
    }
}

void words_give_back(struct words *words)
{
    for (struct words_room *room = words->rooms, *before; room != NULL; room = before) {
        before = room->before;
        raw_syscall(SYS_munmap, room, room->size);
    }
    words->rooms = NULL;
}
