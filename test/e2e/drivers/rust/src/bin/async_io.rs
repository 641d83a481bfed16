// SPDX-License-Identifier: Apache-2.0
// driver SENSOR UIO, by async-io: the interrupt by a reactor in a thread of its own.
use async_io::{block_on, Async};
use drivers::{load, map, open, paths, start_timer};
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;

fn main() -> std::io::Result<()> {
    let [mut sensor, uio] = paths().map(|path| open(&path));
    let uio = Async::new(uio)?;
    println!("open ok");
    println!("write {}", sensor.write(&0x11223344u32.to_le_bytes())?);
    let mut word = [0; 4];
    sensor.read_exact_at(&mut word, 0)?;
    println!("read {:x}", u32::from_le_bytes(word));
    println!("map {:x}", load(map(&sensor)));
    start_timer(uio.get_ref());
    block_on(uio.read_with(|mut file| file.read_exact(&mut word)))?;
    println!("wait {}", u32::from_le_bytes(word));
    Ok(())
}
