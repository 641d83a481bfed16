// SPDX-License-Identifier: Apache-2.0
//
// AHB-Lite checker: watches one port, whoever drives it, and ends the run at the first breach (AHB IHI 0033).
//
//   7.1.2  HTRANS is IDLE in reset
//   3.2    SEQ and BUSY follow a beat of a burst; the address of SEQ is the next one, and the rest is as before
//   3.4    a transfer is no wider than the bus and naturally aligned (3.5 for the beats of a burst)
//   3.5    a burst crosses no multiple of 1024
//   3.6    address phase and write data stay while HREADY is low; in the first cycle of ERROR the address phase may go
//   3.2    BUSY is answered with no wait state and OKAY
//   5.1.3  ERROR takes two cycles, the first with HREADY low, the second with HREADY high
//   5.1    RETRY and SPLIT belong to full AHB
//
// An HREADYOUT that is low while no transfer waits for it passes: on a bus of one subordinate it delays the next
// transfer.

module ahb_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic [  AddrWidth-1:0] haddr_i,
  input logic [            2:0] hburst_i,
  input logic                   hmastlock_i,
  input logic [            6:0] hprot_i,
  input logic                   hnonsec_i,
  input logic                   hsel_i,
  input logic [            2:0] hsize_i,
  input logic [            1:0] htrans_i,
  input logic                   hwrite_i,
  input logic [  DataWidth-1:0] hwdata_i,
  input logic [DataWidth/8-1:0] hwstrb_i,
  input logic                   hready_i,
  input logic [  DataWidth-1:0] hrdata_i,
  input logic                   hreadyout_i,
  input logic [            1:0] hresp_i
);

  logic in_reset;
  assign in_reset = !rst_ni;

  localparam logic [1:0] Idle = 2'b00, Busy = 2'b01, Nonseq = 2'b10, Seq = 2'b11;
  localparam logic [1:0] Okay = 2'b00, Error = 2'b01;
  localparam logic [2:0] Single = 3'b000;
  localparam int unsigned WordBytes = DataWidth / 8;

  logic transfer, first_error, waited;
  assign transfer    = hsel_i && htrans_i[1];
  assign waited      = !in_reset && !hready_i;
  assign first_error = !hreadyout_i && hresp_i == Error;

  // The data phase under way, and the burst that the last transfer is a beat of.
  logic                 data_phase_q, data_write_q, busy_phase_q;
  logic                 in_burst_q, wraps_q;
  logic [AddrWidth-1:0] next_q;     // address of the next beat, unless the burst wraps
  logic [          6:0] control_q;  // HBURST, HSIZE and HWRITE of the burst

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {data_phase_q, data_write_q, busy_phase_q, in_burst_q, wraps_q, next_q, control_q} <= '0;
    end else if (hready_i) begin
      data_phase_q <= transfer;
      data_write_q <= hwrite_i;
      busy_phase_q <= hsel_i && htrans_i == Busy;
      if (htrans_i[1]) begin
        in_burst_q <= hburst_i != Single;
        wraps_q    <= hburst_i[0] == 1'b0;
        next_q     <= haddr_i + (AddrWidth'(1) << hsize_i);
        control_q  <= {hburst_i, hsize_i, hwrite_i};
      end else if (htrans_i == Idle) begin
        in_burst_q <= 1'b0;
      end
    end
  end

  // Of a width that is declared [11:2] the missing bits are 0 here.
  logic aligned;
  assign aligned = ((haddr_i >> hsize_i) << hsize_i) == haddr_i;

  function automatic string going_on();
    if (htrans_i == Seq) return "SEQ";
    return "BUSY";
  endfunction

  function automatic string full_ahb_answer();
    if (hresp_i == 2'b10) return "RETRY";
    return "SPLIT";
  endfunction

  idle_in_reset: assert property (@(posedge clk_i) in_reset |=> !in_reset || htrans_i == Idle)
    else c_dpi_report_breach(Name, "HTRANS is not IDLE in reset (AHB IHI 0033, 7.1.2)");

  size_fits: assert property (@(posedge clk_i) disable iff (in_reset) transfer |-> (32'd1 << hsize_i) <= WordBytes)
    else c_dpi_report_breach(Name, $sformatf("HSIZE=%0d asks for %0d bytes on a bus of %0d (AHB IHI 0033, 3.4)",
                                             hsize_i, 32'd1 << hsize_i, WordBytes));

  address_aligned: assert property (@(posedge clk_i) disable iff (in_reset) transfer |-> aligned)
    else c_dpi_report_breach(Name,
      $sformatf("HADDR ends in 0x%0h: the transfer is not aligned to its %0d bytes (AHB IHI 0033, 3.4)",
                12'(haddr_i), 32'd1 << hsize_i));

  burst_goes_on: assert property (@(posedge clk_i) disable iff (in_reset) hsel_i && htrans_i[0] |-> in_burst_q)
    else c_dpi_report_breach(Name, $sformatf("HTRANS=%s without a burst that it goes on with (AHB IHI 0033, 3.2)",
                                             going_on()));

  next_address: assert property (@(posedge clk_i) disable iff (in_reset)
    hsel_i && htrans_i == Seq && in_burst_q && !wraps_q |-> haddr_i == next_q)
    else c_dpi_report_breach(Name, "HADDR of SEQ is not that of the next beat (AHB IHI 0033, 3.2)");

  same_control: assert property (@(posedge clk_i) disable iff (in_reset)
    hsel_i && htrans_i[0] && in_burst_q |-> {hburst_i, hsize_i, hwrite_i} == control_q)
    else c_dpi_report_breach(Name, "HBURST, HSIZE or HWRITE changed in a burst (AHB IHI 0033, 3.2)");

  no_crossing: assert property (@(posedge clk_i) disable iff (in_reset)
    hsel_i && htrans_i == Seq && in_burst_q && !wraps_q |-> 10'(haddr_i) != '0)
    else c_dpi_report_breach(Name, "a burst crosses a multiple of 1024 (AHB IHI 0033, 3.5)");

  address_stays: assert property (@(posedge clk_i) disable iff (in_reset)
    waited && transfer && !first_error |=>
      $stable({haddr_i, hburst_i, hmastlock_i, hprot_i, hnonsec_i, hsel_i, hsize_i, htrans_i, hwrite_i}))
    else c_dpi_report_breach(Name, "the address phase changed while HREADY was low (AHB IHI 0033, 3.6)");

  data_stays: assert property (@(posedge clk_i) disable iff (in_reset)
    waited && data_phase_q && data_write_q && !first_error |=> $stable({hwdata_i, hwstrb_i}))
    else c_dpi_report_breach(Name, "HWDATA or HWSTRB changed while HREADY was low (AHB IHI 0033, 3.6)");

  busy_is_okay: assert property (@(posedge clk_i) disable iff (in_reset)
    busy_phase_q |-> hreadyout_i && hresp_i == Okay)
    else c_dpi_report_breach(Name, "BUSY was not answered with OKAY at once (AHB IHI 0033, 3.2)");

  error_begins: assert property (@(posedge clk_i) disable iff (in_reset)
    data_phase_q && hreadyout_i && hresp_i == Error |-> $past(first_error))
    else c_dpi_report_breach(Name,
      "HRESP=ERROR ends in its first cycle: HREADYOUT was not low before (AHB IHI 0033, 5.1.3)");

  error_ends: assert property (@(posedge clk_i) disable iff (in_reset)
    data_phase_q && first_error |=> hreadyout_i && hresp_i == Error)
    else c_dpi_report_breach(Name,
      "HRESP=ERROR with HREADYOUT low lasts longer than a cycle, or is taken back (AHB IHI 0033, 5.1.3)");

  lite_answers: assert property (@(posedge clk_i) disable iff (in_reset) data_phase_q |-> !hresp_i[1])
    else c_dpi_report_breach(Name, $sformatf("HRESP=%s, which AHB-Lite doesn't know (AHB IHI 0033, 5.1)",
                                             full_ahb_answer()));

  // Any data is good.
  logic unused;
  assign unused = ^{hrdata_i, hburst_i, Nonseq};
endmodule
