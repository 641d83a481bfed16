// SPDX-License-Identifier: Apache-2.0
//
// isa_cmos: the battery-backed memory of a PC, as the MC146818 has it, behind four I/O ports (0x70 to 0x73 there).
//
//   offset  name     access
//   0       INDEX    read-write: which of the first 128 bytes DATA is; bit 7, which masks the NMI of a PC, is kept
//   1       DATA     that byte
//   2       INDEX2   read-write: which of the second 128 bytes DATA2 is; bit 7 is kept
//   3       DATA2    that byte
//
// All bytes are memory but byte 13 of the first half, register D: its bit 7 says that the battery is good, the others
// are 0, and writes to it are lost. There is no clock: bytes 0 to 9 stay as they are written. Everything else is 0
// after reset.
//
// On the bus, Wishbone classic of 8 data bits as ISA had it: a wider access is one of each of its bytes, lowest
// first, so a word to INDEX writes DATA too. Each cycle is acknowledged one clock cycle later; there are no errors.

module isa_cmos (
  input  logic       clk_i,
  input  logic       rst_ni,

  input  logic       isa_cyc_i,
  input  logic       isa_stb_i,
  input  logic       isa_we_i,
  input  logic [1:0] isa_adr_i,
  input  logic [7:0] isa_dat_w_i,
  output logic [7:0] isa_dat_r_o,
  output logic       isa_ack_o
);

  localparam bit [7:0] RegisterD = 8'd13;
  localparam bit [7:0] ValidRam = 8'h80;

  logic [7:0] index_q [2];
  logic [7:0] memory_q[256];
  logic [7:0] place;
  logic       begins;

  assign begins = isa_cyc_i && isa_stb_i && !isa_ack_o;
  assign place = {isa_adr_i[1], index_q[isa_adr_i[1]][6:0]};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      isa_ack_o <= 1'b0;
      isa_dat_r_o <= '0;
      index_q <= '{default: '0};
      memory_q <= '{default: '0};
      memory_q[RegisterD] <= ValidRam;
    end else begin
      isa_ack_o <= begins;
      if (begins) begin
        isa_dat_r_o <= isa_adr_i[0] ? memory_q[place] : index_q[isa_adr_i[1]];
        if (isa_we_i && !isa_adr_i[0]) begin
          index_q[isa_adr_i[1]] <= isa_dat_w_i;
        end else if (isa_we_i && place != RegisterD) begin
          memory_q[place] <= isa_dat_w_i;
        end
      end
    end
  end

endmodule
