// SPDX-License-Identifier: Apache-2.0
//
// threaded: an axil_ram beside enough work for several threads. A read of 0xf8 shows what generators that disturb
// each other have come to, and one of 8 ends the run by $fatal.

module threaded (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [11:0] s_axil_awaddr,
  input  logic [ 2:0] s_axil_awprot,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic [ 3:0] s_axil_wstrb,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [ 1:0] s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [11:0] s_axil_araddr,
  input  logic [ 2:0] s_axil_arprot,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [ 1:0] s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready
);
  localparam int Lanes = 16;

  logic [31:0] ram_rdata;
  logic [31:0] state [Lanes];
  logic [31:0] sum;

  axil_ram #(.Depth(64)) ram (.*, .s_axil_rdata(ram_rdata));

  // Every lane depends on its neighbour's last value, so that threads have to meet at each edge.
  for (genvar i = 0; i < Lanes; i++) begin : gen_lane
    always_ff @(posedge clk_i) begin
      if (!rst_ni) state[i] <= 32'(i + 1);
      else state[i] <= (state[i] * 32'd1664525 + 32'd1013904223) ^ {state[(i + 1) % Lanes][15:0], 16'(i)};
    end
  end

  always_comb begin
    sum = '0;
    for (int i = 0; i < Lanes; i++) sum ^= state[i];
  end

  logic shows;
  always_ff @(posedge clk_i) if (s_axil_arvalid && s_axil_arready) shows <= s_axil_araddr == 12'hf8;
  assign s_axil_rdata = shows ? sum : ram_rdata;

  always_ff @(posedge clk_i)
    if (rst_ni && s_axil_arvalid && s_axil_arready && s_axil_araddr == 8) $fatal(1, "overflow of %0d", 42);
endmodule
