// SPDX-License-Identifier: Apache-2.0
//
// One register. A write of 1 starts a program, as RTL can, and then never comes back from its evaluation.
module never_ends (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [7:0]  s_axil_awaddr,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [1:0]  s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [7:0]  s_axil_araddr,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [1:0]  s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready
);
  int unsigned rounds  /* verilator public_flat_rw */;

  wire write = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  wire read = s_axil_arvalid && !s_axil_rvalid;
  assign {s_axil_awready, s_axil_wready, s_axil_arready} = {write, write, read};
  assign {s_axil_bresp, s_axil_rresp, s_axil_rdata} = '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      s_axil_bvalid <= 1'b0;
      s_axil_rvalid <= 1'b0;
    end else begin
      s_axil_bvalid <= write || (s_axil_bvalid && !s_axil_bready);
      s_axil_rvalid <= read || (s_axil_rvalid && !s_axil_rready);
      if (write && s_axil_wdata == 1) begin
        void'($system("env -i setsid sleep 1000 & echo it has begun"));
        rounds = 1;
        while (rounds != 0) rounds = rounds | (rounds << 1) | 1;
      end
    end
  end
endmodule
