// SPDX-License-Identifier: Apache-2.0
//
// random_managers: manager ports of several widths, streams and interrupt lines that do whatever the seed says. 0x0
// takes what they do: bit 0 lets them act, bits 2:1 how: 0 within the protocol, 1 requests and strobes of any content,
// 2 all signals of any level in every cycle. It reads as it was written.

// One AXI4 manager.
module random_manager #(
  parameter int unsigned DataWidth = 64,
  localparam int unsigned Bytes = DataWidth / 8
) (
  input  logic                 clk,
  input  logic                 rst_n,
  input  logic                 act_i,
  input  logic [          1:0] how_i,

  output logic [         63:0] awaddr,
  output logic [          7:0] awlen,
  output logic [          2:0] awsize,
  output logic [          1:0] awburst,
  output logic                 awvalid,
  input  logic                 awready,
  output logic [DataWidth-1:0] wdata,
  output logic [    Bytes-1:0] wstrb,
  output logic                 wlast,
  output logic                 wvalid,
  input  logic                 wready,
  input  logic                 bvalid,
  output logic                 bready,
  output logic [         63:0] araddr,
  output logic [          7:0] arlen,
  output logic [          2:0] arsize,
  output logic [          1:0] arburst,
  output logic                 arvalid,
  input  logic                 arready,
  input  logic                 rvalid,
  output logic                 rready
);
  typedef struct packed {
    logic [63:0] address;
    logic [ 7:0] len;
    logic [ 2:0] size;
    logic [ 1:0] burst;
  } request_t;

  function automatic bit [DataWidth-1:0] random_word();
    return DataWidth'({(DataWidth + 31) / 32{$urandom()}});
  endfunction

  // Two pages of memory, the last one of all, memory that nobody has, and any address.
  function automatic bit [63:0] random_address();
    case ($urandom() % 4)
      0, 1:    return 64'h1000_0000 + 64'($urandom() % 32'h2000);
      2:       return 64'hffff_ffff_ffff_f000 + 64'($urandom() % 32'h1000);
      default: return {$urandom(), $urandom()};
    endcase
  endfunction

  function automatic request_t random_request(bit is_lawful);
    request_t    request;
    int unsigned room;
    request.address = random_address();
    request.len     = 8'($urandom());
    request.size    = 3'($urandom());
    request.burst   = 2'($urandom());
    if (!is_lawful) return request;
    request.size  = 3'($urandom() % ($clog2(Bytes) + 1));
    request.burst = 2'($urandom() % 3);
    if (request.burst == 2'b00) request.len = request.len & 8'h0f;
    if (request.burst == 2'b10) begin
      request.len     = 8'((2 << $urandom() % 4) - 1);
      request.address = (request.address >> request.size) << request.size;
    end
    room = (32'd4096 - (32'(request.address[11:0]) >> request.size << request.size)) >> request.size;
    if (request.burst == 2'b01 && 32'(request.len) + 1 > room) request.len = 8'(room - 1);
    return request;
  endfunction

  // The lanes of beat n.
  function automatic bit [Bytes-1:0] lanes_of(request_t request, int unsigned n);
    int unsigned bytes, container, aligned, first;
    bit [2*Bytes-1:0] beyond;
    bytes     = 1 << request.size;
    container = (32'(request.len) + 1) << request.size;
    aligned   = 32'(request.address[11:0]) >> request.size << request.size;
    first     = aligned + n * bytes;
    if (n == 0 || request.burst == 2'b00) first = 32'(request.address[11:0]);
    else if (request.burst == 2'b10)
      first = aligned - aligned % container + (aligned % container + n * bytes) % container;
    // From the first byte to the end of its aligned unit.
    beyond = '1;
    beyond = beyond << ((first >> request.size << request.size) % Bytes + bytes);
    return (Bytes'('1) << first % Bytes) & Bytes'(~beyond);
  endfunction

  request_t    read_q, write_q;
  int unsigned left_q;
  logic        busy_q;

  assign {araddr, arlen, arsize, arburst} = read_q;
  assign {awaddr, awlen, awsize, awburst} = write_q;

  // What is offered for the next beat of a write.
  task automatic offer_beat(int unsigned left);
    wdata  <= random_word();
    wstrb  <= Bytes'(random_word()) & (how_i == 0 ? lanes_of(write_q, 32'(write_q.len) + 1 - left) : '1);
    wlast  <= how_i == 0 ? left == 1 : 1'($urandom());
    wvalid <= 1'b1;
  endtask

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      {arvalid, awvalid, wvalid, rready, bready, busy_q} <= '0;
      left_q <= 0;
    end else begin
      rready <= $urandom() % 4 != 0;
      bready <= $urandom() % 4 != 0;
      if (arvalid && arready) arvalid <= 1'b0;
      if (act_i && !arvalid && $urandom() % 4 == 0) begin
        arvalid <= 1'b1;
        read_q  <= random_request(how_i == 0);
      end
      if (awvalid && awready) awvalid <= 1'b0;
      if (wvalid && wready) begin
        wvalid <= 1'b0;
        left_q <= left_q - 1;
        if (left_q > 1 && $urandom() % 2 == 0) offer_beat(left_q - 1);
      end else if (!wvalid && left_q > 0 && $urandom() % 2 == 0) begin
        offer_beat(left_q);
      end
      if (bvalid && bready) busy_q <= 1'b0;
      if (act_i && !busy_q && $urandom() % 4 == 0) begin
        automatic request_t request = random_request(how_i == 0);
        awvalid <= 1'b1;
        busy_q  <= 1'b1;
        write_q <= request;
        left_q  <= 32'(request.len) + 1;
      end
    end
    if (rst_n && act_i && how_i == 2) begin
      {arvalid, awvalid, wvalid, rready, bready, wlast} <= 6'($urandom());
      read_q  <= random_request(1'b0);
      write_q <= random_request(1'b0);
      wdata   <= random_word();
      wstrb   <= Bytes'(random_word());
    end
  end
endmodule

`define MANAGER_PORTS(P, W) \
  output logic [63:0] P``_awaddr, output logic [7:0] P``_awlen, output logic [2:0] P``_awsize, \
  output logic [1:0] P``_awburst, output logic P``_awvalid, input logic P``_awready, output logic [W-1:0] P``_wdata, \
  output logic [W/8-1:0] P``_wstrb, output logic P``_wlast, output logic P``_wvalid, input logic P``_wready, \
  input logic [1:0] P``_bresp, input logic P``_bvalid, output logic P``_bready, output logic [63:0] P``_araddr, \
  output logic [7:0] P``_arlen, output logic [2:0] P``_arsize, output logic [1:0] P``_arburst, \
  output logic P``_arvalid, input logic P``_arready, input logic [W-1:0] P``_rdata, input logic [1:0] P``_rresp, \
  input logic P``_rlast, input logic P``_rvalid, output logic P``_rready

`define MANAGER(P, W) \
  random_manager #(.DataWidth(W)) u_``P ( \
    .clk, .rst_n, .act_i(act_q), .how_i(how_q), \
    .awaddr(P``_awaddr), .awlen(P``_awlen), .awsize(P``_awsize), .awburst(P``_awburst), .awvalid(P``_awvalid), \
    .awready(P``_awready), .wdata(P``_wdata), .wstrb(P``_wstrb), .wlast(P``_wlast), .wvalid(P``_wvalid), \
    .wready(P``_wready), .bvalid(P``_bvalid), .bready(P``_bready), .araddr(P``_araddr), .arlen(P``_arlen), \
    .arsize(P``_arsize), .arburst(P``_arburst), .arvalid(P``_arvalid), .arready(P``_arready), .rvalid(P``_rvalid), \
    .rready(P``_rready));

module random_managers (
  input  logic         clk,
  input  logic         rst_n,
  input  logic [  7:0] paddr,
  input  logic         psel,
  input  logic         penable,
  input  logic         pwrite,
  input  logic [ 31:0] pwdata,
  output logic [ 31:0] prdata,
  `MANAGER_PORTS(m8, 8),
  `MANAGER_PORTS(m64, 64),
  `MANAGER_PORTS(m1024, 1024),
  // AXI4-Lite.
  output logic [ 63:0] lite_awaddr,
  output logic         lite_awvalid,
  input  logic         lite_awready,
  output logic [ 31:0] lite_wdata,
  output logic [  3:0] lite_wstrb,
  output logic         lite_wvalid,
  input  logic         lite_wready,
  input  logic [  1:0] lite_bresp,
  input  logic         lite_bvalid,
  output logic         lite_bready,
  output logic [ 63:0] lite_araddr,
  output logic         lite_arvalid,
  input  logic         lite_arready,
  input  logic [ 31:0] lite_rdata,
  input  logic [  1:0] lite_rresp,
  input  logic         lite_rvalid,
  output logic         lite_rready,
  // Streams.
  output logic [103:0] out_tdata,
  output logic [ 12:0] out_tkeep,
  output logic         out_tlast,
  output logic         out_tvalid,
  input  logic         out_tready,
  input  logic [ 15:0] in_tdata,
  input  logic [  1:0] in_tkeep,
  input  logic         in_tlast,
  input  logic         in_tvalid,
  output logic         in_tready,
  output logic [ 31:0] irq
);
  logic       act_q;
  logic [1:0] how_q;
  assign prdata = 32'({how_q, act_q});

  `MANAGER(m8, 8)
  `MANAGER(m64, 64)
  `MANAGER(m1024, 1024)

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      {act_q, how_q} <= '0;
      {lite_awvalid, lite_wvalid, lite_bready, lite_arvalid, lite_rready, out_tvalid, in_tready} <= '0;
      irq <= '0;
    end else begin
      if (psel && penable && pwrite) {how_q, act_q} <= 3'(pwdata);
      if (act_q) begin
        irq       <= $urandom() & $urandom();
        in_tready <= 1'($urandom());
        if (!out_tvalid || out_tready || how_q == 2) begin
          out_tvalid <= 1'($urandom());
          out_tdata  <= 104'({$urandom(), $urandom(), $urandom(), $urandom()});
          out_tkeep  <= 13'($urandom());
          out_tlast  <= 1'($urandom());
        end
        {lite_bready, lite_rready} <= 2'($urandom());
        if (!lite_arvalid || lite_arready || how_q == 2) begin
          lite_arvalid <= 1'($urandom());
          lite_araddr  <= {$urandom(), $urandom()} | (64'($urandom() % 2) * 64'hffff_ffff_ffff_f000);
        end
        if (!lite_awvalid || lite_awready || how_q == 2) begin
          lite_awvalid <= 1'($urandom());
          lite_awaddr  <= 64'h1000_0000 + 64'($urandom() % 32'h2000);
        end
        if (!lite_wvalid || lite_wready || how_q == 2) begin
          lite_wvalid <= 1'($urandom());
          lite_wdata  <= $urandom();
          lite_wstrb  <= 4'($urandom());
        end
      end
    end
  end
endmodule
