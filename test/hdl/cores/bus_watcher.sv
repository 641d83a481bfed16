// SPDX-License-Identifier: Apache-2.0
//
// bus_watcher: an axil_ram whose ports are watched: VALIDs in reset and shortly after it, and stability of what is
// offered (AXI IHI 0022, A3.1.2 and A3.2.1). A breach of the manager is a $fatal.

module bus_watcher (
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

  // The handshakes of the memory, let through only in every eighth cycle, so that stability is put to the test.
  logic awvalid, awready, wvalid, wready, arvalid, arready;
  logic [2:0] phase_q;
  assign awvalid        = s_axil_awvalid && phase_q == 3;
  assign s_axil_awready = awready && phase_q == 3;
  assign wvalid         = s_axil_wvalid && phase_q == 5;
  assign s_axil_wready  = wready && phase_q == 5;
  assign arvalid        = s_axil_arvalid && phase_q == 7;
  assign s_axil_arready = arready && phase_q == 7;

  axil_ram #(.Depth(1024)) ram (
    .*,
    .s_axil_awvalid(awvalid), .s_axil_awready(awready),
    .s_axil_wvalid(wvalid), .s_axil_wready(wready),
    .s_axil_arvalid(arvalid), .s_axil_arready(arready)
  );

  logic valid, aw_waits_q, w_waits_q, ar_waits_q;
  logic [14:0] aw_q, ar_q;
  logic [35:0] w_q;
  logic [31:0] since_reset_q;
  assign valid = s_axil_awvalid || s_axil_wvalid || s_axil_arvalid;

  always_ff @(posedge clk_i) begin
    phase_q       <= rst_ni ? phase_q + 1 : '0;
    since_reset_q <= rst_ni ? since_reset_q + 1 : 0;
    if (!rst_ni && valid) $fatal(1, "VALID in reset");
    if (rst_ni && since_reset_q < 4 && valid) $fatal(1, "VALID too soon after reset");

    aw_waits_q <= rst_ni && s_axil_awvalid && !s_axil_awready;
    w_waits_q  <= rst_ni && s_axil_wvalid && !s_axil_wready;
    ar_waits_q <= rst_ni && s_axil_arvalid && !s_axil_arready;
    aw_q       <= {s_axil_awaddr, s_axil_awprot};
    w_q        <= {s_axil_wdata, s_axil_wstrb};
    ar_q       <= {s_axil_araddr, s_axil_arprot};
    if (rst_ni && aw_waits_q && !(s_axil_awvalid && aw_q == {s_axil_awaddr, s_axil_awprot})) $fatal(1, "AW unstable");
    if (rst_ni && w_waits_q && !(s_axil_wvalid && w_q == {s_axil_wdata, s_axil_wstrb})) $fatal(1, "W unstable");
    if (rst_ni && ar_waits_q && !(s_axil_arvalid && ar_q == {s_axil_araddr, s_axil_arprot})) $fatal(1, "AR unstable");
  end
endmodule
