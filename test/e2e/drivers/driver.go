// SPDX-License-Identifier: Apache-2.0

// driver SENSOR UIO, by Go's own packages: os.File with its poller, and system calls of the runtime's own.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

func mapped(file *os.File) []byte {
	bytes, err := syscall.Mmap(int(file.Fd()), 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		fmt.Println("map", err)
		os.Exit(1)
	}
	return bytes
}

func register(bytes []byte, offset int) *uint32 {
	return (*uint32)(unsafe.Pointer(&bytes[offset]))
}

func main() {
	sensor, err := os.OpenFile(os.Args[1], os.O_RDWR, 0)
	uio, other := os.OpenFile(os.Args[2], os.O_RDWR, 0)
	if err != nil || other != nil {
		fmt.Println("open", err, other)
		os.Exit(1)
	}
	fmt.Println("open ok")
	word := make([]byte, 4)
	binary.LittleEndian.PutUint32(word, 0x11223344)
	written, _ := sensor.Write(word)
	fmt.Println("write", written)
	if _, err = sensor.ReadAt(word, 0); err == nil {
		fmt.Printf("read %x\n", binary.LittleEndian.Uint32(word))
	}
	fmt.Printf("map %x\n", atomic.LoadUint32(register(mapped(sensor), 0)))
	timer := mapped(uio)
	atomic.StoreUint32(register(timer, 12), 3000)
	atomic.StoreUint32(register(timer, 0), 3)
	if _, err = uio.Read(word); err == nil {
		fmt.Println("wait", binary.LittleEndian.Uint32(word))
	}
}
