// SPDX-License-Identifier: Apache-2.0

// preempted PATH BASE: goroutines read a word of a device, again and again, while the garbage collector stops them by
// signals and a profiler looks at their stacks; then one reads where the bus refuses, and recovers.
package main

// #include <fcntl.h>
// #include <stdint.h>
// #include <stdlib.h>
// #include <sys/mman.h>
// static void *map_device(const char *path, int64_t base) {
//   return mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, open(path, O_RDWR), base);
// }
import "C"

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"
)

const (
	value       = 0x01020304
	beyond      = 0x1000
	readers     = 2
	depth       = 50
	collections = 5
)

type page [1024]uint32

//go:noinline
func read(from *page) uint32 {
	return from[256]
}

// How many words were wrong. Its stack grows and moves meanwhile.
func readOften(from *page, depth int) (wrong uint32) {
	var large [64]byte
	if depth > 0 {
		wrong = readOften(from, depth-1)
	}
	for i := 0; i < 20; i++ {
		if read(from) != value {
			wrong++
		}
	}
	return wrong + uint32(large[depth])
}

func readBeyond(from *page) (offset uint64) {
	defer func() {
		if fault, ok := recover().(interface{ Addr() uintptr }); ok {
			offset = uint64(fault.Addr() - uintptr(unsafe.Pointer(from)))
		}
	}()
	debug.SetPanicOnFault(true)
	read((*page)(unsafe.Add(unsafe.Pointer(from), beyond)))
	return 0
}

func main() {
	base, _ := strconv.ParseInt(os.Args[2], 0, 64)
	device := (*page)(C.map_device(C.CString(os.Args[1]), C.int64_t(base)))
	device[256] = value
	if pprof.StartCPUProfile(io.Discard) != nil {
		os.Exit(2)
	}
	var wrong atomic.Uint32
	var isOver atomic.Bool
	var group sync.WaitGroup
	for i := 0; i < readers; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for !isOver.Load() {
				wrong.Add(readOften(device, depth-1))
			}
		}()
	}
	stacks := make([]byte, 1<<20)
	for i := 0; i < collections; i++ {
		runtime.GC()
		runtime.Stack(stacks, true)
	}
	isOver.Store(true)
	group.Wait()
	pprof.StopCPUProfile()
	fmt.Printf("%d wrong, ", wrong.Load())
	fmt.Printf("refused at 0x%x and 0x%x, then 0x%x\n", readBeyond(device), readBeyond(device), read(device))
}
