// SPDX-License-Identifier: Apache-2.0
// registers PATH BASE: volatile accesses of two threads through a mapping of libc's.
use std::ffi::CString;
use std::os::raw::{c_char, c_int, c_long, c_void};
use std::ptr::{null_mut, read_volatile, write_volatile};

extern "C" {
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn mmap(at: *mut c_void, bytes: usize, protection: c_int, flags: c_int, fd: c_int, offset: c_long) -> *mut c_void;
}

fn count_up(register: *mut u32) {
    for i in 0..10 {
        unsafe { write_volatile(register, i) };
        assert_eq!(unsafe { read_volatile(register) }, i);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let path = CString::new(arguments[1].as_str()).unwrap();
    let base: c_long = arguments[2].parse().unwrap();
    let device = unsafe { mmap(null_mut(), 4096, 3, 1, open(path.as_ptr(), 2), base) } as usize;
    let other = std::thread::spawn(move || count_up((device + 64) as *mut u32));
    count_up((device + 4) as *mut u32);
    other.join().unwrap();
    println!("{}", unsafe { read_volatile((device + 4) as *const u32) });
}
