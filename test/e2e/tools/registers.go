// SPDX-License-Identifier: Apache-2.0

// registers PATH BASE: atomic accesses through a mapping that C code made, then a nil pointer that the Go runtime
// catches.
package main

// #include <fcntl.h>
// #include <stdint.h>
// #include <stdlib.h>
// #include <sys/mman.h>
// static void *map_device(const char *path, int64_t base) {
//   return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open(path, O_RDWR), base);
// }
import "C"

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"unsafe"
)

func nilPointer() (caught any) {
	defer func() { caught = recover() }()
	var pointer *int
	return *pointer
}

func main() {
	base, _ := strconv.ParseInt(os.Args[2], 0, 64)
	device := C.map_device(C.CString(os.Args[1]), C.int64_t(base))
	register := (*uint32)(unsafe.Add(device, 4))
	for i := uint32(0); i < 10; i++ {
		atomic.StoreUint32(register, i)
		runtime.GC()
		fmt.Println(atomic.LoadUint32(register) == i, nilPointer() != nil)
	}
}
