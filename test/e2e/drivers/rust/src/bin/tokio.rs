// SPDX-License-Identifier: Apache-2.0
// driver SENSOR UIO, by tokio: files by threads of its pool, the interrupt by its reactor.
use drivers::{load, map, open, paths, start_timer};
use std::io::{Read, SeekFrom};
use tokio::io::{unix::AsyncFd, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

#[tokio::main(worker_threads = 2)]
async fn main() -> std::io::Result<()> {
    let [sensor, uio] = paths();
    let mut file = tokio::fs::OpenOptions::new().read(true).write(true).open(&sensor).await?;
    let uio = AsyncFd::new(open(&uio))?;
    println!("open ok");
    println!("write {}", file.write(&0x11223344u32.to_le_bytes()).await?);
    file.flush().await?;
    file.seek(SeekFrom::Start(0)).await?;
    let mut word = [0; 4];
    file.read_exact(&mut word).await?;
    println!("read {:x}", u32::from_le_bytes(word));
    println!("map {:x}", load(map(&open(&sensor))));
    start_timer(uio.get_ref());
    uio.readable().await?.get_inner().read_exact(&mut word)?;
    println!("wait {}", u32::from_le_bytes(word));
    Ok(())
}
