// SPDX-License-Identifier: Apache-2.0
// driver SENSOR UIO, by Rust's standard library; it maps by libc, as the standard library can't.
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::raw::{c_int, c_long, c_void};
use std::os::unix::fs::FileExt;
use std::os::unix::io::AsRawFd;
use std::ptr::{null_mut, read_volatile, write_volatile};

extern "C" {
    fn mmap(at: *mut c_void, bytes: usize, protection: c_int, flags: c_int, fd: c_int, offset: c_long) -> *mut u32;
}

fn map(file: &File) -> *mut u32 {
    unsafe { mmap(null_mut(), 4096, 3, 1, file.as_raw_fd(), 0) }
}

fn main() -> std::io::Result<()> {
    let mut paths = std::env::args().skip(1);
    let mut open = || OpenOptions::new().read(true).write(true).open(paths.next().unwrap());
    let (mut sensor, mut uio) = (open()?, open()?);
    println!("open ok");
    println!("write {}", sensor.write(&0x11223344u32.to_le_bytes())?);
    let mut word = [0; 4];
    sensor.read_exact_at(&mut word, 0)?;
    println!("read {:x}", u32::from_le_bytes(word));
    println!("map {:x}", unsafe { read_volatile(map(&sensor)) });
    let timer = map(&uio);
    unsafe {
        write_volatile(timer.add(3), 3000);
        write_volatile(timer, 3);
    }
    uio.read_exact(&mut word)?;
    println!("wait {}", u32::from_le_bytes(word));
    Ok(())
}
