// SPDX-License-Identifier: Apache-2.0
//
// Interfaces with the signals that PeakRDL-regblock's modules use, in the widths of the bank here.

interface apb3_intf #(parameter int ADDR_WIDTH = 4, parameter int DATA_WIDTH = 32);
  logic PSEL, PENABLE, PWRITE, PREADY, PSLVERR;
  logic [ADDR_WIDTH-1:0] PADDR;
  logic [DATA_WIDTH-1:0] PWDATA, PRDATA;
  modport slave(input PSEL, PENABLE, PWRITE, PADDR, PWDATA, output PREADY, PRDATA, PSLVERR);
endinterface

interface apb4_intf #(parameter int ADDR_WIDTH = 4, parameter int DATA_WIDTH = 32);
  logic PSEL, PENABLE, PWRITE, PREADY, PSLVERR;
  logic [2:0] PPROT;
  logic [ADDR_WIDTH-1:0] PADDR;
  logic [DATA_WIDTH-1:0] PWDATA, PRDATA;
  logic [DATA_WIDTH/8-1:0] PSTRB;
  modport slave(input PSEL, PENABLE, PWRITE, PPROT, PADDR, PWDATA, PSTRB, output PREADY, PRDATA, PSLVERR);
endinterface

interface axi4lite_intf #(parameter int ADDR_WIDTH = 4, parameter int DATA_WIDTH = 32);
  logic AWREADY, AWVALID, WREADY, WVALID, BREADY, BVALID, ARREADY, ARVALID, RREADY, RVALID;
  logic [ADDR_WIDTH-1:0] AWADDR, ARADDR;
  logic [2:0] AWPROT, ARPROT;
  logic [DATA_WIDTH-1:0] WDATA, RDATA;
  logic [DATA_WIDTH/8-1:0] WSTRB;
  logic [1:0] BRESP, RRESP;
  modport slave(
    input AWVALID, AWADDR, AWPROT, WVALID, WDATA, WSTRB, BREADY, ARVALID, ARADDR, ARPROT, RREADY,
    output AWREADY, WREADY, BVALID, BRESP, ARREADY, RVALID, RDATA, RRESP
  );
endinterface

interface avalon_mm_intf #(parameter int ADDR_WIDTH = 2, parameter int DATA_WIDTH = 32);
  logic read, write, waitrequest, readdatavalid, writeresponsevalid;
  logic [ADDR_WIDTH-1:0] address;
  logic [DATA_WIDTH-1:0] writedata, readdata;
  logic [DATA_WIDTH/8-1:0] byteenable;
  logic [1:0] response;
  modport agent(
    input read, write, address, writedata, byteenable,
    output waitrequest, readdatavalid, writeresponsevalid, readdata, response
  );
endinterface

interface wishbone_intf #(parameter int ADDR_WIDTH = 4, parameter int DATA_WIDTH = 32);
  logic cyc, stb, we, stall, ack, err;
  logic [ADDR_WIDTH-1:0] adr;
  logic [DATA_WIDTH-1:0] odat, idat;
  logic [DATA_WIDTH/8-1:0] sel;
  modport agent(input cyc, stb, we, adr, odat, sel, output stall, ack, err, idat);
endinterface

interface obi_intf #(parameter int ADDR_WIDTH = 4, parameter int DATA_WIDTH = 32, parameter int ID_WIDTH = 1);
  logic req, gnt, we, rvalid, rready, err;
  logic [ADDR_WIDTH-1:0] addr;
  logic [DATA_WIDTH/8-1:0] be;
  logic [DATA_WIDTH-1:0] wdata, rdata;
  logic [ID_WIDTH-1:0] aid, rid;
  modport subordinate(input req, addr, we, be, wdata, aid, rready, output gnt, rvalid, rdata, err, rid);
endinterface
