/**
 * large-core.mjs FILE: writes `large_core`, a core of more than 20,000 lines for the benchmark: 240 units, each with
 * registers of its own that change in each of its cycles, behind a bus of AXI4-Lite. It computes nothing that anybody
 * wants, but all of it is seen in a register. The same text each time.
 *
 * It has the registers that `bare_access.cc` knows of `axil_regs`: an ID at 4.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const unitCount = 240
const registerCount = 24
/** A unit works in one of so many cycles, as logic with enables does. */
const turns = 4

/** The least random numbers that do (mulberry32). */
function numbers(seed) {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const hex = (value) => `32'h${(value >>> 0).toString(16).padStart(8, '0')}`

/** What register `i` becomes, of any others of its unit. */
function nextValue(i, pick) {
  const some = () => `r${pick(registerCount)}_q`
  const shift = 1 + pick(30)
  const kinds = [
    () => `${some()} + (${some()} ^ ${hex(pick(2 ** 32))})`,
    () => `{r${i}_q[${shift - 1}:0], r${i}_q[31:${shift}]} ^ ${some()}`,
    () => `${some()}[${pick(32)}] ? ${some()} - ${some()} : ${some()} + ${hex(pick(2 ** 32))}`,
    () => `(${some()} & ${some()}) | (~${some()} & data_i)`,
    () => `(${some()} << ${shift}) ^ (${some()} >> ${32 - shift}) ^ data_i`,
    () => `${some()} < ${some()} ? r${i}_q + 32'd1 : r${i}_q ^ ${some()}`,
  ]
  return kinds[pick(kinds.length)]()
}

function unit(index) {
  const pick = numbers(index + 1)
  const each = (write) => Array.from({ length: registerCount }, (_, i) => write(i)).join('\n')
  return `module large_core_unit_${index} (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        works_i,
  input  logic [31:0] data_i,
  output logic [31:0] data_o
);

${each((i) => `  logic [31:0] r${i}_q, r${i}_d;`)}

  always_comb begin
${each((i) => `    r${i}_d = ${nextValue(i, pick)};`)}
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
${each((i) => `      r${i}_q <= ${hex(pick(2 ** 32))};`)}
    end else if (works_i) begin
${each((i) => `      r${i}_q <= r${i}_d;`)}
    end
  end

  assign data_o = ${Array.from({ length: 4 }, () => `r${pick(registerCount)}_q`).join(' ^ ')};
endmodule
`
}

const channels = [
  ['input ', 'awaddr', 12],
  ['input ', 'awprot', 3],
  ['input ', 'awvalid', 1],
  ['output', 'awready', 1],
  ['input ', 'wdata', 32],
  ['input ', 'wstrb', 4],
  ['input ', 'wvalid', 1],
  ['output', 'wready', 1],
  ['output', 'bresp', 2],
  ['output', 'bvalid', 1],
  ['input ', 'bready', 1],
  ['input ', 'araddr', 12],
  ['input ', 'arprot', 3],
  ['input ', 'arvalid', 1],
  ['output', 'arready', 1],
  ['output', 'rdata', 32],
  ['output', 'rresp', 2],
  ['output', 'rvalid', 1],
  ['input ', 'rready', 1],
]

function top() {
  const units = Array.from({ length: unitCount }, (_, i) => i)
  const ports = channels.map(([way, name, width]) => `  ${way} logic [${width - 1}:0] s_axil_${name}`)
  return `module large_core (
  input  logic clk_i,
  input  logic rst_ni,
${ports.join(',\n')}
);

  localparam bit [31:0] Id = 32'h54524150;

  logic        write, read;
  logic [11:0] write_addr, read_addr;
  logic [31:0] write_data, read_data;
  logic [ 3:0] write_strb;

  axil_front front (
    .*,
    .write_o(write), .write_addr_o(write_addr), .write_data_o(write_data), .write_strb_o(write_strb),
    .write_error_i(1'b0),
    .read_o(read), .read_addr_o(read_addr), .read_data_i(read_data), .read_error_i(1'b0)
  );

  logic [31:0] scratch_q, digest_q;
  logic [31:0] turn_q;
  logic [31:0] data[${unitCount + 1}];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      scratch_q <= '0;
      digest_q  <= '0;
      turn_q    <= '0;
    end else begin
      if (write) scratch_q <= write_data ^ {16'(write_addr), 12'b0, write_strb};
      digest_q <= digest_q ^ data[${unitCount}];
      turn_q   <= turn_q + 32'd1;
    end
  end

  assign read_data = read && read_addr[11:2] == 10'd1 ? Id : digest_q;

  // Each sees what the one before it has computed.
  assign data[0] = scratch_q;
${units
  .map(
    (i) => `  large_core_unit_${i} unit_${i} (
    .clk_i, .rst_ni, .works_i(turn_q % ${turns} == ${i % turns}), .data_i(data[${i}]), .data_o(data[${i + 1}])
  );`,
  )
  .join('\n')}
endmodule
`
}

export function largeCore() {
  return ['`include "axil_front.sv"', top(), ...Array.from({ length: unitCount }, (_, i) => unit(i))].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(process.argv[2]), largeCore())
