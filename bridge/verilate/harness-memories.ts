/**
 * The part of the generated top by which C++ reaches memories of the RTL from behind: a byte at a time, between two
 * evaluations. Byte i of a memory lies in its word i / (bytes of a word), the least significant byte first.
 */

/** `memories` are hierarchical names below the RTL's top module. The functions are there also if there are none. */
export function memoryAccess(memories: string[]): string {
  const choices = (words: (memory: string) => string) =>
    memories.map((memory, index) => `      ${index}: ${words(`dut.${memory}`)};\n`).join('')
  return `  // memories behind a backdoor${memories.map((memory) => `, ${memory}`).join('')}
  // verilator lint_off BLKANDNBLK
  // verilator lint_off WIDTH
  export "DPI-C" function trapline_memory_bytes;
  export "DPI-C" function trapline_peek;
  export "DPI-C" function trapline_poke;

  function automatic longint unsigned trapline_memory_bytes(input int unsigned memory);
    case (memory)
${choices((memory) => `return $bits(${memory}) / 8`)}      default: return 0;
    endcase
  endfunction

  function automatic byte unsigned trapline_peek(input int unsigned memory, input longint unsigned at);
    case (memory)
${choices((memory) => `return ${byteOf(memory)}`)}      default: return 0;
    endcase
  endfunction

  function automatic void trapline_poke(input int unsigned memory, input longint unsigned at, input byte unsigned data);
    case (memory)
${choices((memory) => `${byteOf(memory)} = data`)}      default: ;
    endcase
  endfunction
  // verilator lint_on WIDTH
  // verilator lint_on BLKANDNBLK
`
}

function byteOf(memory: string): string {
  const wordBytes = `($bits(${memory}[$low(${memory})]) / 8)`
  return `${memory}[$low(${memory}) + at / ${wordBytes}][8 * (at % ${wordBytes}) +: 8]`
}
