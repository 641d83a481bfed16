// SPDX-License-Identifier: Apache-2.0

//go:build cgo

// Package main is linked with libc where it says that it needs C.
package main

import "C"
