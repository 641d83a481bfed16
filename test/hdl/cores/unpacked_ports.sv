// SPDX-License-Identifier: Apache-2.0
//
// unpacked_ports: buses that are unpacked structs. Memories of 4096 bytes behind AXI4-Lite, once as a pair of structs
// with structs in them, packed and not, once as an interface of flat ones; settings that are no bus.

package unpacked_ports_pkg;
  typedef enum logic [1:0] {
    Okay,
    SlvErr = 2
  } resp_e;

  typedef struct {
    logic [11:0] addr;
    logic [ 2:0] prot;
  } request_t;

  typedef struct packed {
    logic [31:0] data;
    logic [ 3:0] strb;
  } w_t;

  typedef struct packed {
    logic [31:0] data;
    resp_e       resp;
  } r_t;

  typedef struct {
    request_t aw;
    logic     aw_valid;
    w_t       w;
    logic     w_valid;
    logic     b_ready;
    request_t ar;
    logic     ar_valid;
    logic     r_ready;
  } lite_req_t;

  typedef struct {
    logic  aw_ready;
    logic  w_ready;
    resp_e b_resp;
    logic  b_valid;
    logic  ar_ready;
    r_t    r;
    logic  r_valid;
  } lite_resp_t;
endpackage

typedef struct {
  logic [3:0]                   mode;
  unpacked_ports_pkg::request_t where;
} settings_t;

interface unpacked_bus;
  unpacked_ports_pkg::lite_req_t  req;
  unpacked_ports_pkg::lite_resp_t resp;
  modport device (input req, output resp);
endinterface

module unpacked_ports (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  unpacked_ports_pkg::lite_req_t  axi_req_i,
  output unpacked_ports_pkg::lite_resp_t axi_resp_o,
  unpacked_bus.device                    bus,
  input  settings_t                      settings_i,
  output logic                           irq_o
);

  assign irq_o = |settings_i.mode | |settings_i.where.addr;

  logic [31:0] data;
  logic [ 1:0] resp, b_resp;
  assign axi_resp_o.r = {data, resp};
  assign axi_resp_o.b_resp = unpacked_ports_pkg::resp_e'(b_resp);
  axil_ram ram (
    .clk_i, .rst_ni,
    .s_axil_awaddr(axi_req_i.aw.addr), .s_axil_awprot(axi_req_i.aw.prot), .s_axil_awvalid(axi_req_i.aw_valid),
    .s_axil_awready(axi_resp_o.aw_ready), .s_axil_wdata(axi_req_i.w.data), .s_axil_wstrb(axi_req_i.w.strb),
    .s_axil_wvalid(axi_req_i.w_valid), .s_axil_wready(axi_resp_o.w_ready), .s_axil_bresp(b_resp),
    .s_axil_bvalid(axi_resp_o.b_valid), .s_axil_bready(axi_req_i.b_ready), .s_axil_araddr(axi_req_i.ar.addr),
    .s_axil_arprot(axi_req_i.ar.prot), .s_axil_arvalid(axi_req_i.ar_valid), .s_axil_arready(axi_resp_o.ar_ready),
    .s_axil_rdata(data), .s_axil_rresp(resp), .s_axil_rvalid(axi_resp_o.r_valid),
    .s_axil_rready(axi_req_i.r_ready)
  );

  logic [31:0] bus_data;
  logic [ 1:0] bus_resp, bus_b_resp;
  assign bus.resp.r = {bus_data, bus_resp};
  assign bus.resp.b_resp = unpacked_ports_pkg::resp_e'(bus_b_resp);
  axil_ram bus_ram (
    .clk_i, .rst_ni,
    .s_axil_awaddr(bus.req.aw.addr), .s_axil_awprot(bus.req.aw.prot), .s_axil_awvalid(bus.req.aw_valid),
    .s_axil_awready(bus.resp.aw_ready), .s_axil_wdata(bus.req.w.data), .s_axil_wstrb(bus.req.w.strb),
    .s_axil_wvalid(bus.req.w_valid), .s_axil_wready(bus.resp.w_ready), .s_axil_bresp(bus_b_resp),
    .s_axil_bvalid(bus.resp.b_valid), .s_axil_bready(bus.req.b_ready), .s_axil_araddr(bus.req.ar.addr),
    .s_axil_arprot(bus.req.ar.prot), .s_axil_arvalid(bus.req.ar_valid), .s_axil_arready(bus.resp.ar_ready),
    .s_axil_rdata(bus_data), .s_axil_rresp(bus_resp), .s_axil_rvalid(bus.resp.r_valid),
    .s_axil_rready(bus.req.r_ready)
  );
endmodule
