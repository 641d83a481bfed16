// SPDX-License-Identifier: Apache-2.0
// plain PATH BASE: a driver in Go without C: its own system calls, goroutines that share a device, a nil pointer.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

func read(register *uint32) (value uint32, recovered any) {
	defer func() { recovered = recover() }()
	return *register, nil
}

func main() {
	base, _ := strconv.ParseInt(os.Args[2], 0, 64)
	file, err := os.OpenFile(os.Args[1], os.O_RDWR|os.O_SYNC, 0)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	page, err := syscall.Mmap(int(file.Fd()), base, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	registers := (*[1024]uint32)(unsafe.Pointer(&page[0]))
	done := make(chan bool)
	for i := 0; i < 4; i++ {
		go func(i int) {
			for j := 0; j < 5; j++ {
				registers[i] = uint32(16*i + j)
			}
			done <- true
		}(i)
	}
	for i := 0; i < 4; i++ {
		<-done
	}
	_, recovered := read(nil)
	fmt.Println(registers[0], registers[1], registers[2], registers[3], recovered != nil)
}
