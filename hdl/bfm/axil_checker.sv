// SPDX-License-Identifier: Apache-2.0
//
// AXI4-Lite checker: watches one port, whoever drives it, and ends the run at the first breach.
//
//   A3.1.2  VALIDs are low in reset                                   channel_checker
//   A3.2.1  VALID and payload stay until READY                        channel_checker
//   A3.3.1  a response comes after its request's handshakes: BVALID after address and data, RVALID after the address
//   B1.1.1  EXOKAY is no response of AXI4-Lite
//
// A response in the cycle of the handshake itself passes: it hurts nobody, and simple devices do it.

module axil_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic [  AddrWidth-1:0] awaddr_i,
  input logic [            2:0] awprot_i,
  input logic                   awvalid_i,
  input logic                   awready_i,
  input logic [  DataWidth-1:0] wdata_i,
  input logic [DataWidth/8-1:0] wstrb_i,
  input logic                   wvalid_i,
  input logic                   wready_i,
  input logic [            1:0] bresp_i,
  input logic                   bvalid_i,
  input logic                   bready_i,
  input logic [  AddrWidth-1:0] araddr_i,
  input logic [            2:0] arprot_i,
  input logic                   arvalid_i,
  input logic                   arready_i,
  input logic [  DataWidth-1:0] rdata_i,
  input logic [            1:0] rresp_i,
  input logic                   rvalid_i,
  input logic                   rready_i
);

  channel_checker #(.Name(Name), .Channel("AW"), .PayloadWidth(AddrWidth + 3)) aw (
    .clk_i, .rst_ni, .valid_i(awvalid_i), .ready_i(awready_i), .payload_i({awaddr_i, awprot_i})
  );
  channel_checker #(.Name(Name), .Channel("W"), .PayloadWidth(DataWidth + DataWidth / 8)) w (
    .clk_i, .rst_ni, .valid_i(wvalid_i), .ready_i(wready_i), .payload_i({wdata_i, wstrb_i})
  );
  channel_checker #(.Name(Name), .Channel("B"), .PayloadWidth(2)) b (
    .clk_i, .rst_ni, .valid_i(bvalid_i), .ready_i(bready_i), .payload_i(bresp_i)
  );
  channel_checker #(.Name(Name), .Channel("AR"), .PayloadWidth(AddrWidth + 3)) ar (
    .clk_i, .rst_ni, .valid_i(arvalid_i), .ready_i(arready_i), .payload_i({araddr_i, arprot_i})
  );
  channel_checker #(.Name(Name), .Channel("R"), .PayloadWidth(DataWidth + 2)) r (
    .clk_i, .rst_ni, .valid_i(rvalid_i), .ready_i(rready_i), .payload_i({rdata_i, rresp_i})
  );

  // Requests whose response was not taken before this cycle.
  int unsigned aw_open_q, w_open_q, ar_open_q;

  // At a clock edge at which no VALID is high nothing changes and nothing can be wrong.
  always_ff @(posedge clk_i or negedge rst_ni) begin : responses
    // And with those that are taken at its end.
    int unsigned aw_open, w_open, ar_open;

    if (!rst_ni) begin
      aw_open_q <= 0;
      w_open_q  <= 0;
      ar_open_q <= 0;
    end else if (awvalid_i || wvalid_i || bvalid_i || arvalid_i || rvalid_i) begin
      aw_open = aw_open_q + 32'(awvalid_i && awready_i);
      w_open  = w_open_q + 32'(wvalid_i && wready_i);
      ar_open = ar_open_q + 32'(arvalid_i && arready_i);
      aw_open_q <= aw_open - 32'(bvalid_i && bready_i);
      w_open_q  <= w_open - 32'(bvalid_i && bready_i);
      ar_open_q <= ar_open - 32'(rvalid_i && rready_i);

      if (bvalid_i) begin
        b_after_aw: assert (aw_open != 0)
          else c_dpi_report_breach(Name,
            "BVALID=1 before the write's address was taken, or without one (AXI IHI 0022, A3.3.1)");
        b_after_w: assert (aw_open == 0 || w_open != 0)
          else c_dpi_report_breach(Name, "BVALID=1 before the write's data was taken (AXI IHI 0022, A3.3.1)");
        b_okay: assert (bresp_i != 2'b01)
          else c_dpi_report_breach(Name, "BRESP=EXOKAY, which AXI4-Lite doesn't know (AXI IHI 0022, B1.1.1)");
      end
      if (rvalid_i) begin
        r_after_ar: assert (ar_open != 0)
          else c_dpi_report_breach(Name,
            "RVALID=1 before the read's address was taken, or without one (AXI IHI 0022, A3.3.1)");
        r_okay: assert (rresp_i != 2'b01)
          else c_dpi_report_breach(Name, "RRESP=EXOKAY, which AXI4-Lite doesn't know (AXI IHI 0022, B1.1.1)");
      end
    end
  end
endmodule
