// SPDX-License-Identifier: Apache-2.0
//
// Burst checker: the part of axi4_checker that must remember. It keeps the requests that are not answered yet and holds
// write data and responses against them. Beats of write data that come before their address wait for it.
//
// Immediate checks in one clocked block, since each looks at queues that the one before has changed.

module burst_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned DataWidth = 32,
  parameter int unsigned IdBits = 1,
  // Whether write data has an ID that counts.
  parameter bit WithWid = 1'b0
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic [     IdBits-1:0] awid_i,
  input logic [           11:0] awaddr_i,
  input logic [            7:0] awlen_i,
  input logic [            2:0] awsize_i,
  input logic [            1:0] awburst_i,
  input logic                   awlock_i,
  input logic                   aw_taken_i,
  input logic [     IdBits-1:0] wid_i,
  input logic [DataWidth/8-1:0] wstrb_i,
  input logic                   wlast_i,
  input logic                   w_taken_i,
  input logic [     IdBits-1:0] bid_i,
  input logic [            1:0] bresp_i,
  input logic                   bvalid_i,
  input logic                   bready_i,
  input logic [     IdBits-1:0] arid_i,
  input logic [            7:0] arlen_i,
  input logic                   arlock_i,
  input logic                   ar_taken_i,
  input logic [     IdBits-1:0] rid_i,
  input logic [            1:0] rresp_i,
  input logic                   rlast_i,
  input logic                   rvalid_i,
  input logic                   rready_i
);

  localparam int unsigned BusBytes = DataWidth / 8;
  localparam logic [1:0] ExOkay = 2'b01;

  // What is left of a write, and of a read.
  typedef struct packed {
    logic [IdBits-1:0] id;
    logic [      11:0] addr;   // of the next beat
    logic [       2:0] size;
    logic [       1:0] burst;
    logic [       7:0] len;
    logic [       8:0] left;   // beats
    logic              lock;
  } write_t;

  typedef struct packed {
    logic [IdBits-1:0] id;
    logic [       8:0] left;
    logic              lock;
  } read_t;

  typedef struct packed {
    logic [  IdBits-1:0] id;
    logic [BusBytes-1:0] strb;
    logic                last;
  } w_beat_t;

  // verilator lint_off UNUSEDSIGNAL
  // The lanes that a beat covers: from its address to the end of its aligned unit.
  function automatic logic [BusBytes-1:0] lanes_of(write_t request);
    automatic int unsigned bytes = 1 << request.size;
    automatic int unsigned first = 32'(request.addr) % BusBytes;
    automatic int unsigned unit = first & ~(bytes - 1);
    automatic logic [BusBytes-1:0] all = '1;
    return (all << first) & ~(all << (unit + bytes));
  endfunction

  function automatic logic [11:0] next_address(write_t request);
    automatic logic [11:0] bytes = 12'(1) << request.size;
    automatic logic [11:0] container = (12'(request.len) + 12'd1) << request.size;
    automatic logic [11:0] next = (request.addr & ~(bytes - 12'd1)) + bytes;
    case (request.burst)
      2'b00:   return request.addr;
      2'b10:   return (request.addr & ~(container - 12'd1)) | (next & (container - 12'd1));
      default: return next;
    endcase
  endfunction

  // verilator lint_on UNUSEDSIGNAL

  function automatic void report(string what, string section);
    /* verilator no_inline_task */  // else its strings are made at each edge
    c_dpi_report_breach(Name, {what, " (AXI IHI 0022, ", section, ")"});
  endfunction

  // The first of each kind is kept beside its queue: queues cost much, and nearly always there is only one.
  bit      has_write, has_read;
  write_t  write;           // the first whose data is not complete
  read_t   read;            // the first that is not answered
  write_t  more_writes[$];  // behind the first
  read_t   more_reads[$];
  write_t  unanswered[$];   // whose data is complete
  bit      has_early;
  w_beat_t early[$];        // beats that are not held against their write yet

  initial {has_write, has_read, has_early} = '0;

  // verilator lint_off BLKSEQ
  always_ff @(posedge clk_i or negedge rst_ni) begin : rules
    if (!rst_ni) begin
      {has_write, has_read, has_early} = '0;
      more_writes = {};
      more_reads  = {};
      unanswered  = {};
      early       = {};
    end else if (aw_taken_i || w_taken_i || bvalid_i || ar_taken_i || rvalid_i) begin : look
      automatic int      found;
      automatic bit      is_next;   // the beat of this edge comes before all that wait
      automatic bit      is_first;  // the data of this edge is for the first read
      automatic w_beat_t new_beat  = '{id: wid_i, strb: wstrb_i, last: wlast_i};
      if (aw_taken_i) begin : new_address
        automatic write_t new_write = '{id: awid_i, addr: awaddr_i, size: awsize_i, burst: awburst_i, len: awlen_i,
                                        left: 9'(awlen_i) + 9'd1, lock: awlock_i};
        if (has_write) more_writes.push_back(new_write);
        else write = new_write;
        has_write = 1'b1;
      end
      // Nearly always its write has come, and no other beat waits.
      is_next = w_taken_i && !has_early;
      if (w_taken_i && !is_next) early.push_back(new_beat);
      while (has_write && (is_next || has_early)) begin
        automatic write_t request = write;
        automatic w_beat_t beat = new_beat;
        if (!is_next) begin
          beat = early.pop_front();
          has_early = early.size() > 0;
        end
        is_next = 1'b0;
        if (WithWid && beat.id != request.id) begin
          report($sformatf("WID=%0d in the data of the write with ID %0d: interleaved data is not served", beat.id,
                           request.id), "A5.3");
        end
        if (beat.last != (request.left == 9'd1)) begin
          report($sformatf("WLAST=%b with %0d beats of the burst to come", beat.last, request.left - 9'd1), "A3.4.1");
        end
        if ((beat.strb & ~lanes_of(request)) != '0) report("WSTRB reaches beyond the lanes of its beat", "A3.4.3");
        request.left = request.left - 9'd1;
        request.addr = next_address(request);
        write = request;
        if (request.left == 9'd0) begin
          unanswered.push_back(request);
          has_write = more_writes.size() > 0;
          if (has_write) write = more_writes.pop_front();
        end
      end
      if (is_next) begin
        early.push_back(new_beat);
        has_early = 1'b1;
      end

      if (bvalid_i) begin
        found = -1;
        foreach (unanswered[i]) if (found < 0 && unanswered[i].id == bid_i) found = i;
        if (unanswered.size() == 0) begin
          report("BVALID=1 before the write's address and data were taken, or without a write", "A3.3.1");
        end else if (found < 0) begin
          report($sformatf("BID=%0d belongs to no write that waits for its response", bid_i), "A5.3");
        end else begin
          if (bresp_i == ExOkay && !unanswered[found].lock) report("BRESP=EXOKAY for a plain write", "A7.2");
          if (bready_i) unanswered.delete(found);
        end
      end

      if (ar_taken_i) begin : new_request
        automatic read_t new_read = '{id: arid_i, left: 9'(arlen_i) + 9'd1, lock: arlock_i};
        if (has_read) more_reads.push_back(new_read);
        else read = new_read;
        has_read = 1'b1;
      end
      if (rvalid_i) begin
        found = -1;
        is_first = has_read && read.id == rid_i;
        if (!is_first) begin
          foreach (more_reads[i]) if (found < 0 && more_reads[i].id == rid_i) found = i;
        end
        if (!has_read) begin
          report("RVALID=1 before the read's address was taken, or without a read", "A3.3.1");
        end else if (!is_first && found < 0) begin
          report($sformatf("RID=%0d belongs to no read that waits for data", rid_i), "A5.3");
        end else begin : answered
          automatic read_t request = read;
          if (!is_first) request = more_reads[found];
          if (rlast_i != (request.left == 9'd1)) begin
            report($sformatf("RLAST=%b with %0d beats of the burst to come", rlast_i, request.left - 9'd1), "A3.4.1");
          end
          if (rresp_i == ExOkay && !request.lock) report("RRESP=EXOKAY for a plain read", "A7.2");
          if (rready_i) begin
            request.left = request.left - 9'd1;
            if (!is_first && request.left == 9'd0) begin
              more_reads.delete(found);
            end else if (!is_first) begin
              more_reads[found] = request;
            end else if (request.left == 9'd0) begin
              has_read = more_reads.size() > 0;
              if (has_read) read = more_reads.pop_front();
            end else begin
              read = request;
            end
          end
        end
      end
    end
  end
  // verilator lint_on BLKSEQ
endmodule
