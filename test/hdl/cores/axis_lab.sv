// SPDX-License-Identifier: Apache-2.0
//
// A core as one finds them beside a DMA engine: packets come in over one AXI4-Stream, each byte is changed, and they go
// out over another, through a FIFO of Depth beats. It can be told to misbehave.
//
//   0x0 MASK     each byte is XORed with it (reset: 0xff)
//   0x4 PACKETS  how many have come in, read only
//   0x8 HOLD     bit 0: takes no beat; bit 1: sends none
//   0xc FAULT    1: TVALID falls before TREADY; 2: the payload changes while it waits; 3: TSTRB without TKEEP; 4: TID
//                changes within a packet

module axis_lab #(
  parameter int unsigned DataWidth = 32,
  parameter int unsigned Depth = 16
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic [            3:0] s_axil_awaddr_i,
  input  logic                   s_axil_awvalid_i,
  output logic                   s_axil_awready_o,
  input  logic [           31:0] s_axil_wdata_i,
  input  logic [            3:0] s_axil_wstrb_i,
  input  logic                   s_axil_wvalid_i,
  output logic                   s_axil_wready_o,
  output logic [            1:0] s_axil_bresp_o,
  output logic                   s_axil_bvalid_o,
  input  logic                   s_axil_bready_i,
  input  logic [            3:0] s_axil_araddr_i,
  input  logic                   s_axil_arvalid_i,
  output logic                   s_axil_arready_o,
  output logic [           31:0] s_axil_rdata_o,
  output logic [            1:0] s_axil_rresp_o,
  output logic                   s_axil_rvalid_o,
  input  logic                   s_axil_rready_i,

  input  logic [  DataWidth-1:0] S_AXIS_TDATA,
  input  logic [DataWidth/8-1:0] S_AXIS_TKEEP,
  input  logic                   S_AXIS_TLAST,
  input  logic                   S_AXIS_TVALID,
  output logic                   S_AXIS_TREADY,

  output logic [  DataWidth-1:0] m_axis_tdata,
  output logic [DataWidth/8-1:0] m_axis_tkeep,
  output logic [DataWidth/8-1:0] m_axis_tstrb,
  output logic                   m_axis_tlast,
  output logic [            3:0] m_axis_tid,
  output logic                   m_axis_tvalid,
  input  logic                   m_axis_tready
);

  localparam int unsigned Lanes = DataWidth / 8;

  // ---- registers

  logic [ 7:0] mask_q;
  logic [31:0] packets_q;
  logic [ 1:0] hold_q;
  logic [ 2:0] fault_q;
  logic        write;

  assign write            = s_axil_awvalid_i && s_axil_wvalid_i && !s_axil_bvalid_o;
  assign s_axil_awready_o = write;
  assign s_axil_wready_o  = write;
  assign s_axil_bresp_o   = 2'b00;
  assign s_axil_rresp_o   = 2'b00;
  assign s_axil_arready_o = !s_axil_rvalid_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mask_q          <= 8'hff;
      hold_q          <= '0;
      fault_q         <= '0;
      s_axil_bvalid_o <= 1'b0;
      s_axil_rvalid_o <= 1'b0;
      s_axil_rdata_o  <= '0;
    end else begin
      if (write) begin
        s_axil_bvalid_o <= 1'b1;
        if (s_axil_wstrb_i[0]) begin
          case (s_axil_awaddr_i[3:2])
            2'd0: mask_q <= s_axil_wdata_i[7:0];
            2'd2: hold_q <= s_axil_wdata_i[1:0];
            2'd3: fault_q <= s_axil_wdata_i[2:0];
            default: ;
          endcase
        end
      end else if (s_axil_bready_i) begin
        s_axil_bvalid_o <= 1'b0;
      end
      if (s_axil_arvalid_i && s_axil_arready_o) begin
        s_axil_rvalid_o <= 1'b1;
        case (s_axil_araddr_i[3:2])
          2'd0: s_axil_rdata_o <= 32'(mask_q);
          2'd1: s_axil_rdata_o <= packets_q;
          2'd2: s_axil_rdata_o <= 32'(hold_q);
          default: s_axil_rdata_o <= 32'(fault_q);
        endcase
      end else if (s_axil_rready_i) begin
        s_axil_rvalid_o <= 1'b0;
      end
    end
  end

  // ---- the way of the beats

  logic [DataWidth-1:0] data_q [Depth];
  logic [    Lanes-1:0] keep_q [Depth];
  logic                 last_q [Depth];
  int unsigned          first_q, count_q;
  logic [          7:0] cycle_q;
  logic                 take, give;

  assign S_AXIS_TREADY = count_q < Depth && !hold_q[0];
  assign take          = S_AXIS_TVALID && S_AXIS_TREADY;
  assign m_axis_tvalid = count_q > 0 && !hold_q[1] && (fault_q != 3'd1 || cycle_q[0]);
  assign give          = m_axis_tvalid && m_axis_tready;

  assign m_axis_tdata = data_q[first_q] ^ (fault_q == 3'd2 ? {Lanes{cycle_q}} : '0);
  assign m_axis_tkeep = keep_q[first_q] & ~Lanes'(fault_q == 3'd3);
  assign m_axis_tstrb = keep_q[first_q];
  assign m_axis_tlast = last_q[first_q];
  assign m_axis_tid   = fault_q == 3'd4 ? 4'(cycle_q) : 4'd5;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q   <= 0;
      count_q   <= 0;
      cycle_q   <= 0;
      packets_q <= 0;
    end else begin
      cycle_q <= cycle_q + 1;
      count_q <= count_q + 32'(take) - 32'(give);
      if (give) first_q <= (first_q + 1) % Depth;
      if (take) begin
        data_q[(first_q + count_q) % Depth] <= S_AXIS_TDATA ^ {Lanes{mask_q}};
        keep_q[(first_q + count_q) % Depth] <= S_AXIS_TKEEP;
        last_q[(first_q + count_q) % Depth] <= S_AXIS_TLAST;
        if (S_AXIS_TLAST) packets_q <= packets_q + 1;
      end
    end
  end
endmodule
