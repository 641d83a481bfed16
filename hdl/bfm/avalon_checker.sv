// SPDX-License-Identifier: Apache-2.0
//
// Avalon-MM checker: watches one agent port, whoever drives it, and ends the run at the first breach (Intel, Avalon
// Interface Specifications).
//
//   3.2    READ and WRITE are low in reset, and never high at once
//   3.5.1  a command or a word, and what it carries, stays while WAITREQUEST is high
//   3.5.4  READDATAVALID answers a read that was taken, once for each word of its burst
//   3.5.5  BURSTCOUNT of a burst is not 0, and no other command comes between the words of a write burst
//   3.5.6  WRITERESPONSEVALID answers a write of which the last word was taken; one each
//
// An answer in the cycle in which its command is taken passes: it hurts nobody, and simple agents do it.

module avalon_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32,
  // As of the BFM.
  parameter bit HasReads = 1'b1,
  parameter bit HasWrites = 1'b1,
  parameter int unsigned BurstWidth = 1,
  parameter bit IsPipelined = 1'b0,
  parameter bit AnswersWrites = 1'b0,
  parameter int unsigned ReadLatency = 0,
  parameter int unsigned ReadWaitTime = 0,
  parameter int unsigned WriteWaitTime = 0
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic [  AddrWidth-1:0] address_i,
  input logic                   chipselect_i,
  input logic                   chipselect_n_i,
  input logic                   read_i,
  input logic                   read_n_i,
  input logic                   write_i,
  input logic                   write_n_i,
  input logic [DataWidth/8-1:0] byteenable_i,
  input logic [DataWidth/8-1:0] byteenable_n_i,
  input logic [  DataWidth-1:0] writedata_i,
  input logic [           10:0] burstcount_i,
  input logic                   begintransfer_i,
  input logic                   beginbursttransfer_i,
  input logic                   debugaccess_i,
  input logic                   lock_i,
  input logic                   waitrequest_i,
  input logic                   waitrequest_n_i,
  input logic                   readdatavalid_i,
  input logic                   readdatavalid_n_i,
  input logic [  DataWidth-1:0] readdata_i,
  input logic [            1:0] response_i,
  input logic                   writeresponsevalid_i
);

  logic in_reset;
  assign in_reset = !rst_ni;

  logic waits, valid, waiting, first;
  assign waits   = waitrequest_i || !waitrequest_n_i;
  assign valid   = IsPipelined && (readdatavalid_i || !readdatavalid_n_i);
  assign waiting = !in_reset && (read_i || write_i) && waits;

  // Where fixed times stand for WAITREQUEST a command is taken in its last cycle.
  int unsigned held_q;
  logic taken;
  assign taken = !in_reset && (read_i || write_i) && !waits &&
                 held_q + 1 > (read_i ? ReadWaitTime : WriteWaitTime);

  // Words that reads still get, that the present write burst still brings, and writes without an answer; before this
  // cycle and with it.
  int unsigned reads_q, reads, left_q, writes_q, writes;
  assign first  = left_q == 0;
  assign reads  = reads_q + (taken && read_i ? 32'(burstcount_i) : 0);
  assign writes = writes_q + 32'(taken && write_i && (first ? burstcount_i == 1 : left_q == 1));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_q   <= 0;
      reads_q  <= 0;
      left_q   <= 0;
      writes_q <= 0;
    end else begin
      held_q   <= taken || !(read_i || write_i) ? 0 : held_q + 1;
      reads_q  <= reads - 32'(valid && reads != 0);
      writes_q <= writes - 32'(AnswersWrites && writeresponsevalid_i && writes != 0);
      if (taken && write_i) left_q <= (first ? 32'(burstcount_i) : left_q) - 1;
    end
  end

  idle_in_reset: assert property (@(posedge clk_i) in_reset |=> !in_reset || !(read_i || write_i))
    else c_dpi_report_breach(Name, "READ or WRITE is high in reset (Avalon, 3.2)");

  one_direction: assert property (@(posedge clk_i) disable iff (in_reset) !(read_i && write_i))
    else c_dpi_report_breach(Name, "READ and WRITE are high at once (Avalon, 3.2)");

  command_stays: assert property (@(posedge clk_i) disable iff (in_reset)
    waiting |=> $stable({read_i, write_i, address_i, byteenable_i, burstcount_i}))
    else c_dpi_report_breach(Name, "the command changed while WAITREQUEST was high (Avalon, 3.5.1)");

  data_stays: assert property (@(posedge clk_i) disable iff (in_reset) waiting && write_i |=> $stable(writedata_i))
    else c_dpi_report_breach(Name, "WRITEDATA changed while WAITREQUEST was high (Avalon, 3.5.1)");

  data_for_read: assert property (@(posedge clk_i) disable iff (in_reset) valid |-> reads != 0)
    else c_dpi_report_breach(Name, "READDATAVALID=1 without a read that waits for it (Avalon, 3.5.4)");

  count: assert property (@(posedge clk_i) disable iff (in_reset)
    (read_i || (write_i && first)) |-> burstcount_i != '0)
    else c_dpi_report_breach(Name, "BURSTCOUNT=0 (Avalon, 3.5.5)");

  whole_bursts: assert property (@(posedge clk_i) disable iff (in_reset) read_i |-> first)
    else c_dpi_report_breach(Name, "READ=1 before all words of a write burst came (Avalon, 3.5.5)");

  answer_to_write: assert property (@(posedge clk_i) disable iff (in_reset)
    writeresponsevalid_i |-> !AnswersWrites || writes != 0)
    else c_dpi_report_breach(Name, "WRITERESPONSEVALID=1 without a write that waits for it (Avalon, 3.5.6)");

  // Any data is good, and what has two levels is watched at one.
  logic unused;
  assign unused = ^{chipselect_i, chipselect_n_i, read_n_i, write_n_i, byteenable_n_i, begintransfer_i,
                    beginbursttransfer_i, debugaccess_i, lock_i, readdata_i, response_i, HasReads, HasWrites,
                    BurstWidth, ReadLatency};
endmodule
