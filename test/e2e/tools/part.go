// A library whose runtime begins as it is loaded, and which reaches a device at that moment: the file at the path and
// offset in the variables DEVICE and BASE.
package main

import "C"

import (
	"fmt"
	"os"
	"strconv"
)

func init() {
	base, _ := strconv.ParseInt(os.Getenv("BASE"), 0, 64)
	file, err := os.OpenFile(os.Getenv("DEVICE"), os.O_RDWR, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	word := make([]byte, 4)
	put, _ := file.WriteAt([]byte{1, 2, 3, 4}, base+8)
	got, _ := file.ReadAt(word, base+8)
	fmt.Println(put, got, word)
}

//export Recover
func Recover() {
	defer func() { fmt.Println(recover()) }()
	var nothing *int
	fmt.Println(*nothing)
}

func main() {}
