// SPDX-License-Identifier: Apache-2.0
//
// ahb_ram: AHB-Lite, 2048 bytes of memory and what tests ask for beside it. Every transfer has Waits wait states. Only
// the lanes that HADDR and HSIZE name are written, and only they are read; the others read as ones.
//
//   0x000  memory
//   0x800  the transfers before this one as bytes: NONSEQ, SEQ, HBURST of the last that was not SINGLE, BUSY
//          cycles; then 1 where a BUSY was one of a write, 0 else. Writes clear them.
//   0x808  ERROR
//   0x810  no answer
//   0x818  ERROR for the third beat of a burst

module ahb_ram #(
  parameter int unsigned DataWidth = 32,
  parameter int unsigned Waits = 0
) (
  input  logic                 HCLK,
  input  logic                 HRESETn,
  input  logic                 HSEL,
  input  logic [         11:0] HADDR,
  input  logic [          1:0] HTRANS,
  input  logic [          2:0] HBURST,
  input  logic [          2:0] HSIZE,
  input  logic [          3:0] HPROT,
  input  logic                 HWRITE,
  input  logic [DataWidth-1:0] HWDATA,
  input  logic                 HREADY,
  output logic                 HREADYOUT,
  output logic                 HRESP,
  output logic [DataWidth-1:0] HRDATA
);

  localparam int unsigned Bytes = DataWidth / 8;

  logic [7:0]  memory_q [2048];
  logic        active_q, write_q;
  logic [11:0] addr_q;
  logic [2:0]  size_q;
  logic [31:0] waits_q;
  logic        error_q;  // its second cycle
  logic [7:0]  nonseq_q, seq_q, burst_q, busy_q, busy_write_q, beat_q;
  logic        failing, done;
  logic [127:0] counts;

  assign counts    = {'1, busy_write_q, busy_q, burst_q, seq_q, nonseq_q};
  assign failing   = active_q && (addr_q[11:3] == 9'h101 || (addr_q[11:3] >= 9'h103 && beat_q == 2));
  assign done      = waits_q == Waits && addr_q[11:3] != 9'h102;
  assign HREADYOUT = !active_q || (failing ? error_q : done);
  assign HRESP     = failing && (waits_q == Waits || error_q);

  always_comb begin
    HRDATA = '1;
    for (int unsigned i = 0; i < Bytes; i++) begin
      if (i >> size_q == (32'(addr_q) % Bytes) >> size_q) begin
        if (addr_q[11]) HRDATA[8*i +: 8] = counts[8 * ((32'(addr_q) / Bytes * Bytes + i) % 16) +: 8];
        else HRDATA[8*i +: 8] = memory_q[(32'(addr_q) / Bytes * Bytes + i) % 2048];
      end
    end
  end

  always_ff @(posedge HCLK or negedge HRESETn) begin
    if (!HRESETn) begin
      {active_q, write_q, addr_q, size_q, waits_q, error_q} <= '0;
      {nonseq_q, seq_q, burst_q, busy_q, busy_write_q, beat_q} <= '0;
    end else begin
      error_q <= failing && waits_q == Waits && !error_q;
      if (active_q && waits_q != Waits) waits_q <= waits_q + 1;
      if (active_q && HREADYOUT && write_q) begin
        if (addr_q[11]) {nonseq_q, seq_q, burst_q, busy_q, busy_write_q} <= '0;
        for (int unsigned i = 0; i < Bytes; i++) begin
          if (!addr_q[11] && i >> size_q == (32'(addr_q) % Bytes) >> size_q) begin
            memory_q[(32'(addr_q) / Bytes * Bytes + i) % 2048] <= HWDATA[8*i +: 8];
          end
        end
      end
      if (HREADY) begin
        active_q <= HSEL && HTRANS[1];
        write_q  <= HWRITE;
        addr_q   <= HADDR;
        size_q   <= HSIZE;
        waits_q  <= 0;
        if (HSEL && HTRANS == 2'b10) begin
          if (!(active_q && write_q && addr_q[11])) nonseq_q <= nonseq_q + 1;
          beat_q   <= 0;
        end
        if (HSEL && HTRANS == 2'b11) begin
          seq_q    <= seq_q + 1;
          beat_q   <= beat_q + 1;
        end
        if (HSEL && HTRANS[1] && HBURST != 0) burst_q <= 8'(HBURST);
        if (HSEL && HTRANS == 2'b01) begin
          busy_q <= busy_q + 1;
          if (HWRITE) busy_write_q <= 1;
        end
      end
    end
  end

  logic unused;
  assign unused = ^HPROT;
endmodule
