// SPDX-License-Identifier: Apache-2.0
//
// ordering_ram: 64 bus words of memory whose write side insists on one order of address and data.
//
// Parameter Order:
//   0  together: both READYs rise, after both VALIDs, for one cycle
//   1  address first: WREADY stays low until the address was taken
//   2  data first: AWREADY stays low until the data was taken
//   3  slow: as 0, but everything waits for a few cycles, more of them each time
//   4  eager: both READYs are high before any VALID, and drop once their half was taken

module ordering_ram #(
  parameter int unsigned DataWidth = 32,
  parameter int unsigned Order = 0
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic [            9:0] s_axil_awaddr,
  input  logic [            2:0] s_axil_awprot,
  input  logic                   s_axil_awvalid,
  output logic                   s_axil_awready,
  input  logic [  DataWidth-1:0] s_axil_wdata,
  input  logic [DataWidth/8-1:0] s_axil_wstrb,
  input  logic                   s_axil_wvalid,
  output logic                   s_axil_wready,
  output logic [            1:0] s_axil_bresp,
  output logic                   s_axil_bvalid,
  input  logic                   s_axil_bready,
  input  logic [            9:0] s_axil_araddr,
  input  logic [            2:0] s_axil_arprot,
  input  logic                   s_axil_arvalid,
  output logic                   s_axil_arready,
  output logic [  DataWidth-1:0] s_axil_rdata,
  output logic [            1:0] s_axil_rresp,
  output logic                   s_axil_rvalid,
  input  logic                   s_axil_rready
);

  localparam int unsigned WordLsb = $clog2(DataWidth / 8);

  logic [DataWidth-1:0] memory_q [64];

  logic aw_taken_q, w_taken_q, reading_q;
  logic [9:0] aw_q, ar_q;
  logic [DataWidth-1:0] w_q;
  logic [DataWidth/8-1:0] strb_q;
  logic [3:0] patience_q, delay_q;

  logic patient, both_offered;
  assign patient      = Order != 3 || patience_q == 0;
  assign both_offered = s_axil_awvalid && s_axil_wvalid;

  assign s_axil_bresp = 2'b00;
  assign s_axil_rresp = 2'b00;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      s_axil_awready <= 1'b0;
      s_axil_wready  <= 1'b0;
      s_axil_bvalid  <= 1'b0;
      s_axil_arready <= 1'b0;
      s_axil_rvalid  <= 1'b0;
      aw_taken_q     <= 1'b0;
      w_taken_q      <= 1'b0;
      reading_q      <= 1'b0;
      patience_q     <= '0;
      delay_q        <= '0;
    end else begin
      if (patience_q != 0) patience_q <= patience_q - 1;

      case (Order)
        1: begin
          s_axil_awready <= s_axil_awvalid && !s_axil_awready && !aw_taken_q;
          s_axil_wready  <= aw_taken_q && s_axil_wvalid && !s_axil_wready && !w_taken_q;
        end
        2: begin
          s_axil_wready  <= s_axil_wvalid && !s_axil_wready && !w_taken_q;
          s_axil_awready <= w_taken_q && s_axil_awvalid && !s_axil_awready && !aw_taken_q;
        end
        4: begin
          s_axil_awready <= !(aw_taken_q || (s_axil_awvalid && s_axil_awready));
          s_axil_wready  <= !(w_taken_q || (s_axil_wvalid && s_axil_wready));
        end
        default: begin
          s_axil_awready <= both_offered && !s_axil_awready && !aw_taken_q && patient;
          s_axil_wready  <= both_offered && !s_axil_wready && !w_taken_q && patient;
        end
      endcase

      if (s_axil_awvalid && s_axil_awready) begin
        aw_taken_q <= 1'b1;
        aw_q       <= s_axil_awaddr;
      end
      if (s_axil_wvalid && s_axil_wready) begin
        w_taken_q  <= 1'b1;
        w_q        <= s_axil_wdata;
        strb_q     <= s_axil_wstrb;
        patience_q <= delay_q;
        delay_q    <= delay_q + 1;
      end
      if (aw_taken_q && w_taken_q && !s_axil_bvalid && patient) begin
        for (int i = 0; i < DataWidth / 8; i++) begin
          if (strb_q[i]) memory_q[aw_q[WordLsb+:6]][8*i+:8] <= w_q[8*i+:8];
        end
        s_axil_bvalid <= 1'b1;
      end
      if (s_axil_bvalid && s_axil_bready) begin
        s_axil_bvalid <= 1'b0;
        aw_taken_q    <= 1'b0;
        w_taken_q     <= 1'b0;
        patience_q    <= delay_q;
      end

      s_axil_arready <= Order == 4 ? !reading_q && !(s_axil_arvalid && s_axil_arready)
                                   : s_axil_arvalid && !s_axil_arready && !reading_q && patient;
      if (s_axil_arvalid && s_axil_arready) begin
        reading_q  <= 1'b1;
        ar_q       <= s_axil_araddr;
        patience_q <= delay_q;
        delay_q    <= delay_q + 1;
      end
      if (reading_q && !s_axil_rvalid && patient) begin
        s_axil_rvalid <= 1'b1;
        s_axil_rdata  <= memory_q[ar_q[WordLsb+:6]];
      end
      if (s_axil_rvalid && s_axil_rready) begin
        s_axil_rvalid <= 1'b0;
        s_axil_rdata  <= '0;
        reading_q     <= 1'b0;
      end
    end
  end
endmodule
