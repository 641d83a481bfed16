// SPDX-License-Identifier: Apache-2.0
//
// skid_ram: an axi4_ram whose read data passes a skid buffer. With Broken set, the buffer has the classic bug: it takes
// a beat in the cycle in which it learns that the manager is not ready, and forgets the one that it held. As long as
// RREADY is high nobody notices.

module skid_ram #(
  parameter int unsigned AddrWidth = 16,
  parameter int unsigned DataWidth = 32,
  parameter int unsigned IdWidth = 4,
  parameter bit Broken = 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic [    IdWidth-1:0] s_axi_awid,
  input  logic [  AddrWidth-1:0] s_axi_awaddr,
  input  logic [            7:0] s_axi_awlen,
  input  logic [            2:0] s_axi_awsize,
  input  logic [            1:0] s_axi_awburst,
  input  logic                   s_axi_awlock,
  input  logic [            3:0] s_axi_awcache,
  input  logic [            2:0] s_axi_awprot,
  input  logic [            3:0] s_axi_awqos,
  input  logic [            3:0] s_axi_awregion,
  input  logic                   s_axi_awvalid,
  output logic                   s_axi_awready,

  input  logic [  DataWidth-1:0] s_axi_wdata,
  input  logic [DataWidth/8-1:0] s_axi_wstrb,
  input  logic                   s_axi_wlast,
  input  logic                   s_axi_wvalid,
  output logic                   s_axi_wready,

  output logic [    IdWidth-1:0] s_axi_bid,
  output logic [            1:0] s_axi_bresp,
  output logic                   s_axi_bvalid,
  input  logic                   s_axi_bready,

  input  logic [    IdWidth-1:0] s_axi_arid,
  input  logic [  AddrWidth-1:0] s_axi_araddr,
  input  logic [            7:0] s_axi_arlen,
  input  logic [            2:0] s_axi_arsize,
  input  logic [            1:0] s_axi_arburst,
  input  logic                   s_axi_arlock,
  input  logic [            3:0] s_axi_arcache,
  input  logic [            2:0] s_axi_arprot,
  input  logic [            3:0] s_axi_arqos,
  input  logic [            3:0] s_axi_arregion,
  input  logic                   s_axi_arvalid,
  output logic                   s_axi_arready,

  output logic [    IdWidth-1:0] s_axi_rid,
  output logic [  DataWidth-1:0] s_axi_rdata,
  output logic [            1:0] s_axi_rresp,
  output logic                   s_axi_rlast,
  output logic                   s_axi_rvalid,
  input  logic                   s_axi_rready
);

  typedef struct packed {
    logic [  IdWidth-1:0] id;
    logic [DataWidth-1:0] data;
    logic [          1:0] resp;
    logic                 last;
  } beat_t;

  beat_t ram, kept_q;
  logic  ram_valid, ram_ready, kept_valid_q;

  axi4_ram #(.AddrWidth(AddrWidth), .DataWidth(DataWidth), .IdWidth(IdWidth), .Depth(1024)) memory (
    .*,
    .s_axi_rid(ram.id), .s_axi_rdata(ram.data), .s_axi_rresp(ram.resp), .s_axi_rlast(ram.last),
    .s_axi_rvalid(ram_valid), .s_axi_rready(ram_ready)
  );

  // A beat is kept when it comes and can't go on at once.
  assign ram_ready    = Broken ? !kept_valid_q || s_axi_rready : !kept_valid_q;
  assign s_axi_rvalid = kept_valid_q || ram_valid;
  assign {s_axi_rid, s_axi_rdata, s_axi_rresp, s_axi_rlast} = kept_valid_q ? kept_q : ram;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      kept_valid_q <= 0;
    end else if (Broken) begin
      // The beat that came while the kept one went out is dropped.
      kept_valid_q <= s_axi_rvalid && !s_axi_rready;
      if (ram_valid && ram_ready && !kept_valid_q) kept_q <= ram;
    end else begin
      kept_valid_q <= s_axi_rvalid && !s_axi_rready;
      if (ram_valid && ram_ready) kept_q <= ram;
    end
  end
endmodule
