"""What an ordinary program does with registers, over and over from the same instructions, whichever way accesses go."""
import ctypes
import mmap
import os
import random
import select
import struct
import sys
import threading
import time

BASE = 0x43C0_0000


def registers(path='/dev/mem', offset=BASE):
    device = os.open(path, os.O_RDWR | os.O_SYNC)
    return device, memoryview(mmap.mmap(device, 4096, offset=offset)).cast('I')


def words(count):
    """Writes and reads so many words."""
    _, memory = registers()
    for i in range(count):
        memory[i % 64] = i * 0x01010101 & 0xFFFFFFFF
        assert memory[i % 64] == i * 0x01010101 & 0xFFFFFFFF, i
    print(f'{count} words')


def confined(count):
    """The same by a program that gives up calls of the kernel, though it keeps all of them."""
    set_seccomp, filter_mode, no_new_privileges, allow = 22, 2, 38, 0x7FFF0000
    words(10)
    instruction = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, allow))
    program = ctypes.create_string_buffer(struct.pack('HxxxxxxP', 1, ctypes.addressof(instruction)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(no_new_privileges, 1, 0, 0, 0) == 0
    assert prctl(set_seccomp, filter_mode, program, 0, 0) == 0, ctypes.get_errno()
    words(count)


def for_ever():
    words(100)
    print('begun')
    sys.stdout.flush()
    while True:
        words(1_000_000)


def hole(offset):
    """Reads a register that is there, then one that is not, by one instruction."""
    _, memory = registers()
    for i in range(8):
        print(memory[i % 2])
    sys.stdout.flush()
    print(memory[offset // 4])


def bytes_of(count):
    """Writes bytes of registers, which the lint is to name."""
    _, memory = registers()
    narrow = memory.cast('B')
    for i in range(count):
        narrow[i] = i


def edges(count):
    """Whether the interrupt is known each time at which the counter has been read."""
    device, memory = registers('/dev/uio0', 0)
    control, status, counter, compare = 0, 1, 2, 3
    memory[compare] = 40
    memory[control] = 3
    for _ in range(count):
        memory[counter] = 0
        seen = []
        for _ in range(12):
            value = memory[status]
            ready = bool(select.select([device], [], [], 0)[0])
            seen.append(f'{value}{"!" if ready else ""}')
        print(*seen)
        if select.select([device], [], [], 0)[0]:
            os.read(device, 4)
        memory[status] = 1
        os.write(device, struct.pack('i', 1))


def polls(compare):
    """Waits for the timer by asking, once with a write and once with another register in between."""
    device, memory = registers('/dev/uio0', 0)
    control, status, counter, reload = 0, 1, 2, 3
    for between in (None, counter, control):
        memory[control] = 0
        memory[status] = 1
        memory[counter] = 0
        memory[reload] = compare
        memory[control] = 1
        asked = 0
        while not memory[status]:
            asked += 1
            if between == counter and asked % 5 == 0:
                memory[counter]
            elif between == control and asked % 3 == 0:
                memory[control] = 1
        print(asked, memory[counter])


def polls_of_two(count):
    """The same word of each of two models, then of one alone."""
    _, first = registers()
    _, second = registers(offset=BASE + 0x1000)
    for memories in ((first, second), (first,), (second,)):
        for _ in range(count):
            for memory in memories:
                memory[1]


def naps(count):
    """Sleeps between accesses, and whose time it was."""
    _, memory = registers('/dev/uio0', 0)
    control, counter = 0, 2
    memory[control] = 1
    for _ in range(count):
        before, began = memory[counter], time.monotonic_ns()
        time.sleep(0.0001)
        print(memory[counter] - before, time.monotonic_ns() - began)


def again(count):
    """Becomes another program, which does the same."""
    words(count)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, __file__, 'words', str(count)])


def both(count):
    """Threads and a child, each in words of its own."""
    _, memory = registers()

    def work(first):
        for i in range(count):
            memory[first + i % 4] = i
            assert memory[first + i % 4] == i, (first, i)

    child = os.fork()
    threads = [threading.Thread(target=work, args=(first if child else first + 32,)) for first in (0, 8, 16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if child == 0:
        os._exit(0)
    _, ended = os.waitpid(child, 0)
    assert ended == 0, ended
    print('all alike')


def one_after_other(count):
    """Two devices of two models, reached by the same instructions from the first time on."""
    _, first = registers()
    _, second = registers(offset=BASE + 0x1000)
    for i in range(count):
        for memory in (first, second):
            memory[1] = i
            assert memory[1] == i
    print(f'{count} each')


# Words of proto/trapline/v1/lane.h, from where each part begins: all that are no data, and some of those.
HEAD = (0, 4, 64, 68)
REQUEST = range(0, 88, 4)
ANSWER = (*range(0, 104, 4), *range(88 + 4096, 88 + 4096 + 512, 4))


def write_over(boxes, source, slots):
    """A word of the mailboxes, whosever it is."""
    box = 4096 + source.randrange(slots) * 16384
    at = source.choice((source.choice(HEAD), box + source.choice(REQUEST), box + 8192 + source.choice(ANSWER)))
    word = source.choice((0, 1, 4, 2**31, 2**32 - 1, source.getrandbits(32)))
    boxes[at : at + 4] = word.to_bytes(4, 'little')


def children(asked, told):
    """Has a child read and write for each number that comes by the first pipe, and says so by the second."""
    tell = open(told, 'w', buffering=1)
    while line := open(asked).readline():
        child = os.fork()
        if child == 0:
            words(20)
            print('begun', file=tell)
            words(int(line))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(status), file=tell)


def scribble(seed):
    """Writes over the mailboxes, all of them, and rings: as a program does that has gone wild."""
    _, memory = registers()
    for i in range(8):
        memory[i] = i
    source = random.Random(seed)
    file = os.open(os.path.join(os.environ['TRAPLINE_RUN_DIR'], 'lanes', '0.lane'), os.O_RDWR)
    boxes = mmap.mmap(file, 0)
    for _ in range(2000):
        write_over(boxes, source, 4)
    print('scribbled')
    sys.stdout.flush()
    os._exit(0)


name, *arguments = sys.argv[1:]
plain = (words, confined, children, for_ever, hole, bytes_of, edges, both, one_after_other, scribble)
ways = {each.__name__: each for each in (*plain, polls, polls_of_two, naps, again)}
ways[name](*(int(argument, 0) if argument[0].isdigit() else argument for argument in arguments))
