// SPDX-License-Identifier: Apache-2.0
//
// Channel checker: the rules that hold on every VALID/READY channel of AXI (IHI 0022, A3.1.2 and A3.2.1). A breach ends
// the run and is named with its port. A channel at rest (VALID low, nothing waits, no reset) costs one look in a cycle.

module channel_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for the message.
  parameter string Name = "",
  // AW, W, B, AR or R.
  parameter string Channel = "",
  parameter int unsigned PayloadWidth = 1
) (
  input logic                    clk_i,
  input logic                    rst_ni,
  input logic                    valid_i,
  input logic                    ready_i,
  input logic [PayloadWidth-1:0] payload_i
);

  logic                    waiting_q;   // VALID was high and READY low
  logic                    in_reset_q;  // in its first cycle a synchronous reset has not acted yet
  logic [PayloadWidth-1:0] payload_q;

  logic in_reset;
  assign in_reset = !rst_ni;

  initial in_reset_q = 1'b0;

  always_ff @(posedge clk_i) begin
    if (valid_i || waiting_q || in_reset || in_reset_q) begin
      in_reset_q <= in_reset;
      waiting_q  <= !in_reset && valid_i && !ready_i;
      if (valid_i) payload_q <= payload_i;

      if (!in_reset && waiting_q) begin
        valid_stays: assert (valid_i)
          else c_dpi_report_breach(Name, {Channel, "VALID fell before ", Channel, "READY rose (AXI IHI 0022, A3.2.1)"});
        payload_stays: assert (!valid_i || payload_i == payload_q)
          else c_dpi_report_breach(Name, {"the payload of ", Channel, " changed while ", Channel,
                                          "VALID waited for its READY (AXI IHI 0022, A3.2.1)"});
      end
      if (in_reset && in_reset_q) begin
        low_in_reset: assert (!valid_i)
          else c_dpi_report_breach(Name, {Channel, "VALID is high in reset (AXI IHI 0022, A3.1.2)"});
      end
    end
  end
endmodule
