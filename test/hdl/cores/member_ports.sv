// SPDX-License-Identifier: Apache-2.0
//
// member_ports: buses that are interfaces and packed structs. Memories of 4096 bytes behind AXI4-Lite, once as an
// interface whose widths its parameters give, once as a pair of structs, once as an interface of such structs; APB,
// whose writes start a burst_copier (width_parts.sv) that is an interface as well: 0 is its address, 4 the shape of its
// burst.

package member_ports_pkg;
  typedef struct packed {
    logic [11:0] addr;
    logic [ 2:0] prot;
  } request_t;

  typedef struct packed {
    logic [31:0] data;
    logic [ 3:0] strb;
  } w_t;

  typedef struct packed {
    logic [31:0] data;
    logic [ 1:0] resp;
  } r_t;

  typedef struct packed {
    request_t aw;
    logic     aw_valid;
    w_t       w;
    logic     w_valid;
    logic     b_ready;
    request_t ar;
    logic     ar_valid;
    logic     r_ready;
  } lite_req_t;

  typedef struct packed {
    logic       aw_ready;
    logic       w_ready;
    logic [1:0] b_resp;
    logic       b_valid;
    logic       ar_ready;
    r_t         r;
    logic       r_valid;
  } lite_resp_t;

  // Neither request nor response of anything: held at 0, left open.
  typedef struct packed {
    logic [3:0] mode;
    logic       enable;
  } settings_t;
endpackage

interface lite_bus #(
  parameter int unsigned AXI_ADDR_WIDTH = 0,
  parameter int unsigned AXI_DATA_WIDTH = 0
);
  typedef logic [AXI_ADDR_WIDTH-1:0]   addr_t;
  typedef logic [AXI_DATA_WIDTH-1:0]   data_t;
  typedef logic [AXI_DATA_WIDTH/8-1:0] strb_t;

  addr_t aw_addr, ar_addr;
  data_t w_data, r_data;
  strb_t w_strb;
  logic [2:0] aw_prot, ar_prot;
  logic [1:0] b_resp, r_resp;
  logic aw_valid, aw_ready, w_valid, w_ready, b_valid, b_ready, ar_valid, ar_ready, r_valid, r_ready;

  modport Master (
    output aw_addr, aw_prot, aw_valid, w_data, w_strb, w_valid, b_ready, ar_addr, ar_prot, ar_valid, r_ready,
    input  aw_ready, w_ready, b_resp, b_valid, ar_ready, r_data, r_resp, r_valid
  );
  modport Slave (
    input  aw_addr, aw_prot, aw_valid, w_data, w_strb, w_valid, b_ready, ar_addr, ar_prot, ar_valid, r_ready,
    output aw_ready, w_ready, b_resp, b_valid, ar_ready, r_data, r_resp, r_valid
  );
endinterface

interface struct_bus;
  member_ports_pkg::lite_req_t  req;
  member_ports_pkg::lite_resp_t resp;
  modport device (input req, output resp);
endinterface

interface apb_bus #(parameter ADDR_WIDTH = 4);
  logic PSEL, PENABLE, PWRITE;
  logic [ADDR_WIDTH-1:0] PADDR;
  logic [31:0] PWDATA, PRDATA;
  logic PREADY;
  modport slave (input PSEL, PENABLE, PWRITE, PADDR, PWDATA, output PRDATA, PREADY);
endinterface

interface burst_bus #(parameter int DataWidth = 64, parameter int UserWidth = 0);
  logic [31:0] aw_addr, ar_addr;
  logic [7:0] aw_len, ar_len;
  logic [2:0] aw_size, ar_size;
  logic [1:0] aw_burst, ar_burst, b_resp, r_resp;
  logic [DataWidth-1:0] w_data, r_data;
  logic [DataWidth/8-1:0] w_strb;
  logic [UserWidth-1:0] r_user;
  logic w_last, r_last, aw_valid, aw_ready, w_valid, w_ready, b_valid, b_ready, ar_valid, ar_ready, r_valid, r_ready;
  modport Master (
    output aw_addr, aw_len, aw_size, aw_burst, aw_valid, w_data, w_strb, w_last, w_valid, b_ready,
    output ar_addr, ar_len, ar_size, ar_burst, ar_valid, r_ready,
    input  aw_ready, w_ready, b_resp, b_valid, ar_ready, r_data, r_resp, r_last, r_user, r_valid
  );
endinterface

module member_ports (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  apb_bus.slave                        ctl,
  lite_bus.Slave                       mem,
  struct_bus.device                    both,
  input  member_ports_pkg::lite_req_t  str_req_i,
  output member_ports_pkg::lite_resp_t str_resp_o,
  burst_bus.Master                     dma,
  input  member_ports_pkg::settings_t  settings_i
);

  axil_ram mem_ram (
    .clk_i, .rst_ni,
    .s_axil_awaddr(mem.aw_addr), .s_axil_awprot(mem.aw_prot), .s_axil_awvalid(mem.aw_valid),
    .s_axil_awready(mem.aw_ready),
    .s_axil_wdata(mem.w_data), .s_axil_wstrb(mem.w_strb), .s_axil_wvalid(mem.w_valid), .s_axil_wready(mem.w_ready),
    .s_axil_bresp(mem.b_resp), .s_axil_bvalid(mem.b_valid), .s_axil_bready(mem.b_ready),
    .s_axil_araddr(mem.ar_addr), .s_axil_arprot(mem.ar_prot), .s_axil_arvalid(mem.ar_valid),
    .s_axil_arready(mem.ar_ready),
    .s_axil_rdata(mem.r_data), .s_axil_rresp(mem.r_resp), .s_axil_rvalid(mem.r_valid), .s_axil_rready(mem.r_ready)
  );

  member_ports_pkg::lite_req_t  [1:0] req;
  member_ports_pkg::lite_resp_t [1:0] resp;
  assign req        = {both.req, str_req_i};
  assign str_resp_o = resp[0];
  assign both.resp  = resp[1];

  for (genvar i = 0; i < 2; i++) begin : g_ram
    axil_ram ram (
      .clk_i, .rst_ni,
      .s_axil_awaddr(req[i].aw.addr), .s_axil_awprot(req[i].aw.prot), .s_axil_awvalid(req[i].aw_valid),
      .s_axil_awready(resp[i].aw_ready), .s_axil_wdata(req[i].w.data), .s_axil_wstrb(req[i].w.strb),
      .s_axil_wvalid(req[i].w_valid), .s_axil_wready(resp[i].w_ready), .s_axil_bresp(resp[i].b_resp),
      .s_axil_bvalid(resp[i].b_valid), .s_axil_bready(req[i].b_ready), .s_axil_araddr(req[i].ar.addr),
      .s_axil_arprot(req[i].ar.prot), .s_axil_arvalid(req[i].ar_valid), .s_axil_arready(resp[i].ar_ready),
      .s_axil_rdata(resp[i].r.data), .s_axil_rresp(resp[i].r.resp), .s_axil_rvalid(resp[i].r_valid),
      .s_axil_rready(req[i].r_ready)
    );
  end

  logic        start, busy;
  logic [31:0] address, shape;
  assign ctl.PREADY = 1'b1;
  assign ctl.PRDATA = {27'd0, settings_i.mode, busy};
  always_ff @(posedge clk_i) begin
    start <= 1'b0;
    if (rst_ni && ctl.PSEL && ctl.PENABLE && ctl.PWRITE) begin
      start <= !ctl.PADDR[2];
      if (ctl.PADDR[2]) shape <= ctl.PWDATA;
      else address <= ctl.PWDATA;
    end
  end

  burst_copier #(.DataWidth(64)) copier (
    .clk_i, .rst_ni, .start_i(start), .address_i(address), .beats_i(shape[7:0]), .size_i(shape[10:8]), .busy_o(busy),
    .awaddr(dma.aw_addr), .awlen(dma.aw_len), .awsize(dma.aw_size), .awburst(dma.aw_burst), .awvalid(dma.aw_valid),
    .awready(dma.aw_ready), .wdata(dma.w_data), .wstrb(dma.w_strb), .wlast(dma.w_last), .wvalid(dma.w_valid),
    .wready(dma.w_ready), .bresp(dma.b_resp), .bvalid(dma.b_valid), .bready(dma.b_ready), .araddr(dma.ar_addr),
    .arlen(dma.ar_len), .arsize(dma.ar_size), .arburst(dma.ar_burst), .arvalid(dma.ar_valid), .arready(dma.ar_ready),
    .rdata(dma.r_data), .rresp(dma.r_resp), .rlast(dma.r_last), .rvalid(dma.r_valid), .rready(dma.r_ready)
  );
endmodule
