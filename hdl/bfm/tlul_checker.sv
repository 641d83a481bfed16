// SPDX-License-Identifier: Apache-2.0
//
// TileLink-UL checker: watches one port with one request under way at a time, whoever drives it, and ends the run at
// the first breach (SiFive TileLink 1.8).
//
//   3.2.2  a_valid and d_valid are low in reset
//   7.2    requests are Get, PutFullData and PutPartialData; a_param is 0
//   7.2    a request is no wider than the bus and naturally aligned
//   7.2    a_mask is that of all lanes of Get and PutFullData, and no more than those in PutPartialData
//   4.2    an answer belongs to a request that was taken, at the same clock edge or before
//   7.2    Get is answered by AccessAckData, the others by AccessAck, with d_source and d_size as asked
//
// A sender may take back what it offers before it is taken (4.1), so nothing is said of stability.

module tlul_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32,
  // 0 if there are no sources.
  parameter int unsigned IdWidth = 1,
  localparam int unsigned IdBits = IdWidth > 0 ? IdWidth : 1
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic                   a_valid_i,
  input logic                   a_ready_i,
  input logic [            2:0] a_opcode_i,
  input logic [            2:0] a_param_i,
  input logic [            3:0] a_size_i,
  input logic [     IdBits-1:0] a_source_i,
  input logic [  AddrWidth-1:0] a_address_i,
  input logic [DataWidth/8-1:0] a_mask_i,
  input logic [  DataWidth-1:0] a_data_i,
  input logic                   a_corrupt_i,

  input logic                   d_valid_i,
  input logic                   d_ready_i,
  input logic [            2:0] d_opcode_i,
  input logic [            2:0] d_param_i,
  input logic [            3:0] d_size_i,
  input logic [     IdBits-1:0] d_source_i,
  input logic [           15:0] d_sink_i,
  input logic                   d_denied_i,
  input logic [  DataWidth-1:0] d_data_i,
  input logic                   d_corrupt_i,
  input logic                   d_error_i
);

  logic in_reset;
  assign in_reset = !rst_ni;

  localparam int unsigned WordBytes = DataWidth / 8;
  localparam logic [2:0] PutFullData = 3'd0, PutPartialData = 3'd1, Get = 3'd4;
  localparam logic [2:0] AccessAck = 3'd0, AccessAckData = 3'd1;

  typedef struct packed {
    logic               get;
    logic [        3:0] size;
    logic [ IdBits-1:0] source;
  } request_t;

  // The request under way: the one that was taken, or the one that is at this edge.
  logic     open_q, taken, open, answered;
  request_t request_q, request;

  assign taken    = a_valid_i && a_ready_i;
  assign open     = open_q || taken;
  assign request  = open_q ? request_q : '{get: a_opcode_i == Get, size: a_size_i, source: a_source_i};
  assign answered = d_valid_i && d_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q    <= 1'b0;
      request_q <= '0;
    end else begin
      open_q    <= open && !answered;
      request_q <= request;
    end
  end

  logic [WordBytes-1:0] lanes;
  always_comb begin
    for (int unsigned i = 0; i < WordBytes; i++) lanes[i] = i >> a_size_i == (32'(a_address_i) % WordBytes) >> a_size_i;
  end

  logic knows_opcode, aligned, fits;
  assign knows_opcode = a_opcode_i == PutFullData || a_opcode_i == PutPartialData || a_opcode_i == Get;
  assign aligned      = ((a_address_i >> a_size_i) << a_size_i) == a_address_i;
  assign fits         = 32'd1 << a_size_i <= WordBytes;

  function automatic string answer_to(logic get);
    if (get) return "AccessAckData";
    return "AccessAck";
  endfunction

  idle_in_reset: assert property (@(posedge clk_i) in_reset |=> !in_reset || !(a_valid_i || d_valid_i))
    else c_dpi_report_breach(Name, "a_valid or d_valid is high in reset (TileLink 1.8, 3.2.2)");

  opcode_known: assert property (@(posedge clk_i) disable iff (in_reset) a_valid_i |-> knows_opcode && a_param_i == '0)
    else c_dpi_report_breach(Name, $sformatf("a_opcode=%0d with a_param=%0d is no request of TL-UL (TileLink 1.8, 7.2)",
                                             a_opcode_i, a_param_i));

  size_fits: assert property (@(posedge clk_i) disable iff (in_reset) a_valid_i |-> fits)
    else c_dpi_report_breach(Name, $sformatf("a_size=%0d asks for %0d bytes on a bus of %0d (TileLink 1.8, 7.2)",
                                             a_size_i, 32'd1 << a_size_i, WordBytes));

  address_aligned: assert property (@(posedge clk_i) disable iff (in_reset) a_valid_i |-> aligned)
    else c_dpi_report_breach(Name,
      $sformatf("a_address ends in 0x%0h: the request is not aligned to its %0d bytes (TileLink 1.8, 7.2)",
                12'(a_address_i), 32'd1 << a_size_i));

  // What is not aligned is address_aligned's: which assertion of two comes first is the simulator's choice.
  mask_fits: assert property (@(posedge clk_i) disable iff (in_reset)
    a_valid_i && fits && aligned |-> (a_mask_i & ~lanes) == '0 && (a_opcode_i == PutPartialData || a_mask_i == lanes))
    else c_dpi_report_breach(Name, "a_mask is not that of the lanes of the request (TileLink 1.8, 7.2)");

  answer_to_request: assert property (@(posedge clk_i) disable iff (in_reset) answered |-> open)
    else c_dpi_report_breach(Name, "d_valid without a request that was taken and waits for it (TileLink 1.8, 4.2)");

  one_request: assert property (@(posedge clk_i) disable iff (in_reset) open_q |-> !taken)
    else c_dpi_report_breach(Name,
      "a second request while one waits for its answer, which the checker does not follow");

  right_opcode: assert property (@(posedge clk_i) disable iff (in_reset)
    answered && open |-> d_opcode_i == (request.get ? AccessAckData : AccessAck))
    else c_dpi_report_breach(Name, $sformatf("d_opcode=%0d where %s was to come (TileLink 1.8, 7.2)",
                                             d_opcode_i, answer_to(request.get)));

  same_source: assert property (@(posedge clk_i) disable iff (in_reset)
    answered && open |-> d_source_i == request.source)
    else c_dpi_report_breach(Name, $sformatf("d_source=%0d answers a request of source %0d (TileLink 1.8, 6.4)",
                                             d_source_i, request.source));

  same_size: assert property (@(posedge clk_i) disable iff (in_reset) answered && open |-> d_size_i == request.size)
    else c_dpi_report_breach(Name, $sformatf("d_size=%0d answers a request of size %0d (TileLink 1.8, 7.2)",
                                             d_size_i, request.size));

  // Any data is good, and d_sink is of TL-C.
  logic unused;
  assign unused = ^{a_data_i, a_corrupt_i, d_param_i, d_sink_i, d_denied_i, d_data_i, d_corrupt_i, d_error_i};
endmodule
