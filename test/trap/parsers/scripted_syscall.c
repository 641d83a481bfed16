// SPDX-License-Identifier: Apache-2.0
#include "scripted_syscall.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { SOCKET = 5, RARE = 16 };

static const struct script *script;
static struct random *chance;
static size_t chunk, taken;

void scripted_begin(const struct script *next, struct random *random) {
  script = next;
  chance = random;
  chunk = taken = 0;
}

static bool rarely(void) {
  return chance != NULL && random_below(chance, RARE) == 0;
}

static long receive(uint8_t *bytes, size_t room, int flags) {
  if (rarely())
    return random_below(chance, 2) ? -EINTR : -EAGAIN;
  size_t got = 0;
  while (got < room && chunk < script->count) {
    const struct chunk *from = &script->chunks[chunk];
    size_t count = from->length - taken < room - got ? from->length - taken : room - got;
    memcpy(bytes + got, from->bytes + taken, count);
    got += count;
    taken += count;
    if (taken == from->length) {
      chunk++;
      taken = 0;
    }
    if (got > 0 && !(flags & MSG_WAITALL))
      break;
  }
  return (long)got;
}

static long transmit(size_t count) {
  if (rarely())
    return -EINTR;
  return (long)(count > 1 && rarely() ? count / 2 : count);
}

long scripted_syscall(long number, long a, long b, long c, long d, long e, long f) {
  (void)a, (void)e, (void)f;
  switch (number) {
  case SYS_socket: return SOCKET;
  case SYS_recvfrom: return receive((uint8_t *)b, (size_t)c, (int)d);
  case SYS_sendto: return transmit((size_t)c);
  case SYS_fstat: memset((void *)b, 0, sizeof(struct stat)); return 0;
  case SYS_fcntl: return -EMFILE;
  case SYS_getpid:
  case SYS_gettid: return 42;
  default: return 0;
  }
}
