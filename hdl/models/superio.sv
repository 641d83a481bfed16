// SPDX-License-Identifier: Apache-2.0
//
// superio: the configuration ports of a Super I/O chip of ITE's kind, two I/O ports (0x2e and 0x2f, or 0x4e and 0x4f).
//
//   offset  name     access
//   0       INDEX    read-write: which register DATA is
//   1       DATA     that register
//
// After reset the chip is closed: both ports read all ones. The bytes 87 01 55 EntryEnd written to INDEX one after the
// other, with no access to DATA between them, open it; a write of bit 1 to register 02 closes it.
//
//   register  name      access
//   07        LDN       read-write: which logical device registers 30 to ff are of; 0 to 15
//   20, 21    CHIP ID   ChipId, its upper byte first
//   22        VERSION   Version
//   02        CONTROL   bit 1 closes the chip; reads as 0
//   30…ff     (device)  read-write, memory of each logical device
//   (others)            read as 0, writes are lost
//
// The registers of the logical devices are 0 after reset.
//
// On the bus, Wishbone classic of 8 data bits, as in isa_cmos: a wider access is one of each of its bytes. Each cycle
// is acknowledged one clock cycle later; there are no errors.

module superio #(
  // 8712 is ITE's IT8712F.
  parameter bit [15:0] ChipId = 16'h8712,
  parameter bit [7:0] Version = 8'h07,
  // 55 at 0x2e, aa at 0x4e.
  parameter bit [7:0] EntryEnd = 8'h55
) (
  input  logic       clk_i,
  input  logic       rst_ni,

  input  logic       isa_cyc_i,
  input  logic       isa_stb_i,
  input  logic       isa_we_i,
  input  logic       isa_adr_i,
  input  logic [7:0] isa_dat_w_i,
  output logic [7:0] isa_dat_r_o,
  output logic       isa_ack_o
);

  localparam bit [7:0] Control = 8'h02;
  localparam bit [7:0] Ldn = 8'h07;
  localparam bit [7:0] ChipIdHigh = 8'h20;
  localparam bit [7:0] ChipIdLow = 8'h21;
  localparam bit [7:0] ChipVersion = 8'h22;
  localparam bit [7:0] FirstOfDevice = 8'h30;

  logic [31:0] last_q;  // the last four bytes that INDEX was given
  logic        is_open_q;
  logic [ 7:0] index_q;
  logic [ 3:0] ldn_q;
  logic [ 7:0] memory_q [4096];
  logic [11:0] place;
  logic [ 7:0] selected;
  logic        begins;

  assign begins = isa_cyc_i && isa_stb_i && !isa_ack_o;
  assign place = {ldn_q, index_q};

  always_comb begin
    unique case (index_q)
      Ldn:         selected = {4'h0, ldn_q};
      ChipIdHigh:  selected = ChipId[15:8];
      ChipIdLow:   selected = ChipId[7:0];
      ChipVersion: selected = Version;
      default:     selected = index_q >= FirstOfDevice ? memory_q[place] : '0;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      isa_ack_o <= 1'b0;
      isa_dat_r_o <= '0;
      last_q <= '0;
      is_open_q <= 1'b0;
      index_q <= '0;
      ldn_q <= '0;
      memory_q <= '{default: '0};
    end else begin
      isa_ack_o <= begins;
      if (begins) begin
        isa_dat_r_o <= !is_open_q ? '1 : isa_adr_i ? selected : index_q;
        last_q <= isa_adr_i ? '0 : isa_we_i ? {last_q[23:0], isa_dat_w_i} : last_q;
        if (!isa_adr_i && isa_we_i && {last_q[23:0], isa_dat_w_i} == {24'h870155, EntryEnd}) begin
          is_open_q <= 1'b1;
        end
        if (!isa_adr_i && isa_we_i) begin
          index_q <= isa_dat_w_i;
        end else if (isa_we_i && is_open_q) begin
          if (index_q == Control && isa_dat_w_i[1]) begin
            is_open_q <= 1'b0;
          end else if (index_q == Ldn) begin
            ldn_q <= isa_dat_w_i[3:0];
          end else if (index_q >= FirstOfDevice) begin
            memory_q[place] <= isa_dat_w_i;
          end
        end
      end
    end
  end

endmodule
