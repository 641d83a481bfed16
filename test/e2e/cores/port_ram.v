// SPDX-License-Identifier: Apache-2.0
// 128 I/O ports that hold what is written to them, on Wishbone classic of 8 data bits.
module port_ram(input clk, input rst, input cyc, input stb, input we, input [6:0] adr, input [7:0] dat_w,
                output reg [7:0] dat_r, output reg ack);
  reg [7:0] ram[0:127];
  always @(posedge clk) begin
    ack <= cyc & stb & ~ack & ~rst;
    dat_r <= ram[adr];
    if (cyc & stb & we & ~ack) ram[adr] <= dat_w;
  end
endmodule
