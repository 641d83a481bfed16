// SPDX-License-Identifier: Apache-2.0
//! What the drivers in Rust share: mapping by rustix, whose system calls are instructions of its own.
use rustix::fd::AsFd;
use rustix::mm::{mmap, MapFlags, ProtFlags};
use std::fs::{File, OpenOptions};
use std::ptr::{null_mut, read_volatile, write_volatile};

pub fn paths() -> [String; 2] {
    let mut paths = std::env::args().skip(1);
    [paths.next().unwrap(), paths.next().unwrap()]
}

pub fn open(path: &str) -> File {
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}

pub fn map(file: impl AsFd) -> *mut u32 {
    unsafe { mmap(null_mut(), 4096, ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED, file, 0) }.unwrap().cast()
}

pub fn load(mapping: *mut u32) -> u32 {
    unsafe { read_volatile(mapping) }
}

/// Starts the timer behind a UIO device.
pub fn start_timer(uio: impl AsFd) {
    let timer = map(uio);
    unsafe {
        write_volatile(timer.add(3), 3000);
        write_volatile(timer, 3);
    }
}
