// SPDX-License-Identifier: Apache-2.0
// driver SENSOR UIO, by rustix alone: its system calls are instructions of its own.
use drivers::{load, map, paths, start_timer};
use rustix::fs::{openat, Mode, OFlags};
use rustix::io::{pread, read, write};
use std::fs::File;

fn main() {
    let root = File::open("/").unwrap();
    let [sensor, uio] = paths().map(|path| openat(&root, path, OFlags::RDWR, Mode::empty()).unwrap());
    println!("open ok");
    println!("write {}", write(&sensor, &0x11223344u32.to_le_bytes()).unwrap());
    let mut word = [0; 4];
    pread(&sensor, &mut word, 0).unwrap();
    println!("read {:x}", u32::from_le_bytes(word));
    println!("map {:x}", load(map(&sensor)));
    start_timer(&uio);
    read(&uio, &mut word).unwrap();
    println!("wait {}", u32::from_le_bytes(word));
}
