// SPDX-License-Identifier: Apache-2.0
//
// pci_cf8: configuration mechanism 1 of PCI (PCI Local Bus 3.0, 3.2.2.3.2) behind eight I/O ports (0xcf8 to 0xcff), and
// two devices of bus 0 behind it.
//
//   offset  name            access
//   0       CONFIG_ADDRESS  read-write, 4 bytes at once: bit 31 enables, bits 23:16 bus, 15:11 device, 10:8 function,
//                           7:2 register; the others are 0. Narrower writes are lost, narrower reads are of its bytes
//   4       CONFIG_DATA     that register of the device's, of 1, 2 or 4 bytes; all ones where nobody is
//
//   device  what
//   00.0    a host bridge, class 06 00: 1b36:0008
//   01.0    an endpoint, class ff 00: EndpointId, with a BAR of 4 KiB of memory and one of 32 I/O ports
//
// Of the header of type 0 these can be written: COMMAND (bits 0 to 2 and 10), INTERRUPT LINE, and of the endpoint
// BAR 0 (bits 31:12) and BAR 1 (bits 31:5), which read as written with bit 0 of BAR 1 set. All of them are 0 after
// reset.
//
// On the bus, Wishbone classic of 32 data bits: SEL tells the bytes of an access. Each cycle is acknowledged one clock
// cycle later; there are no errors.

module pci_cf8 #(
  // Device and vendor.
  parameter bit [31:0] EndpointId = 32'hcafe1af4
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        cfg_cyc_i,
  input  logic        cfg_stb_i,
  input  logic        cfg_we_i,
  input  logic [ 2:0] cfg_adr_i,
  input  logic [ 3:0] cfg_sel_i,
  input  logic [31:0] cfg_dat_w_i,
  output logic [31:0] cfg_dat_r_o,
  output logic        cfg_ack_o
);

  localparam bit [31:0] BridgeId = 32'h00081b36;
  localparam bit [31:0] AddressBits = 32'h80fffffc;
  localparam bit [31:0] CommandBits = 32'h00000407;
  localparam bit [31:0] LineBits = 32'h000000ff;
  localparam bit [31:0] Bar0Bits = 32'hfffff000;
  localparam bit [31:0] Bar1Bits = 32'hffffffe0;

  // Registers of the header, in words.
  localparam bit [5:0] Id = 6'h0;
  localparam bit [5:0] Command = 6'h1;
  localparam bit [5:0] Class = 6'h2;
  localparam bit [5:0] Bar0 = 6'h4;
  localparam bit [5:0] Bar1 = 6'h5;
  localparam bit [5:0] Line = 6'hf;

  logic [31:0] address_q;
  logic [31:0] command_q[2];
  logic [31:0] line_q   [2];
  logic [31:0] bar0_q, bar1_q;
  logic [31:0] selected, strobes;
  logic [ 5:0] register;
  logic        begins, device, is_there, is_data;

  assign begins = cfg_cyc_i && cfg_stb_i && !cfg_ack_o;
  assign is_data = cfg_adr_i[2];
  assign register = address_q[7:2];
  assign device = address_q[11];
  assign is_there = address_q[31] && address_q[23:12] == '0 && address_q[10:8] == '0;

  always_comb begin
    for (int i = 0; i < 4; i++) begin
      strobes[8*i+:8] = {8{cfg_sel_i[i]}};
    end
    unique case (register)
      Id:      selected = device ? EndpointId : BridgeId;
      Command: selected = command_q[device];
      Class:   selected = device ? 32'hff000001 : 32'h06000001;
      Bar0:    selected = device ? bar0_q : '0;
      Bar1:    selected = device ? bar1_q | 32'h1 : '0;
      Line:    selected = line_q[device] | (device ? 32'h00000100 : '0);
      default: selected = '0;
    endcase
  end

  function automatic logic [31:0] written(logic [31:0] old, logic [31:0] bits);
    return (old & ~(strobes & bits)) | (cfg_dat_w_i & strobes & bits);
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cfg_ack_o <= 1'b0;
      cfg_dat_r_o <= '0;
      address_q <= '0;
      command_q <= '{default: '0};
      line_q <= '{default: '0};
      bar0_q <= '0;
      bar1_q <= '0;
    end else begin
      cfg_ack_o <= begins;
      if (begins) begin
        cfg_dat_r_o <= !is_data ? address_q : is_there ? selected : '1;
        if (cfg_we_i && !is_data && cfg_sel_i == '1) begin
          address_q <= cfg_dat_w_i & AddressBits;
        end
        if (cfg_we_i && is_data && is_there) begin
          unique case (register)
            Command: command_q[device] <= written(command_q[device], CommandBits);
            Line:    line_q[device] <= written(line_q[device], LineBits);
            Bar0:    bar0_q <= device ? written(bar0_q, Bar0Bits) : bar0_q;
            Bar1:    bar1_q <= device ? written(bar1_q, Bar1Bits) : bar1_q;
            default: ;
          endcase
        end
      end
    end
  end

endmodule
