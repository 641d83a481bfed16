// SPDX-License-Identifier: Apache-2.0
//
// dimmer: a lamp whose level moves by one in each cycle towards a target, while it is enabled. Its registers are those
// of dimmer.svd. With Bug it stops one before a target that lies above it. Writes take whole words; what the
// description does not have is SLVERR.

module dimmer #(
  parameter bit Bug = 1'b0
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic [ 3:0] s_axil_awaddr,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [ 1:0] s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [ 3:0] s_axil_araddr,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [ 1:0] s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready
);
  localparam logic [1:0] Okay = 2'b00, SlvErr = 2'b10;

  logic [7:0] target, level;
  logic [1:0] mode;
  logic enabled, done;

  wire takes_write = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  wire takes_read  = s_axil_arvalid && !s_axil_rvalid;
  wire [7:0] goal  = (Bug && target > level) ? target - 8'd1 : target;
  wire arrives     = enabled && level != goal && (level + 8'd1 == goal || level - 8'd1 == goal || mode == 2'd1);

  assign s_axil_awready = takes_write;
  assign s_axil_wready  = takes_write;
  assign s_axil_arready = takes_read;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {s_axil_bvalid, s_axil_bresp} <= '0;
      {s_axil_rvalid, s_axil_rresp, s_axil_rdata} <= '0;
    end else begin
      if (s_axil_bready) s_axil_bvalid <= 1'b0;
      if (s_axil_rready) s_axil_rvalid <= 1'b0;
      if (takes_write) {s_axil_bvalid, s_axil_bresp} <= {1'b1, s_axil_awaddr == 4'h8 ? SlvErr : Okay};
      if (takes_read) begin
        {s_axil_rvalid, s_axil_rresp} <= {1'b1, Okay};
        unique case (s_axil_araddr)
          4'h0:    s_axil_rdata <= 32'({mode, enabled});
          4'h4:    s_axil_rdata <= 32'(target);
          4'h8:    s_axil_rdata <= 32'(level);
          4'hc:    s_axil_rdata <= 32'({done, enabled && level != goal});
          default: {s_axil_rresp, s_axil_rdata} <= {SlvErr, 32'h0};
        endcase
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {target, level, mode, enabled, done} <= '0;
    end else begin
      if (enabled && level != goal) level <= mode == 2'd1 ? goal : level < goal ? level + 8'd1 : level - 8'd1;
      if (takes_write) begin
        unique case (s_axil_awaddr)
          4'h0:    {mode, enabled} <= s_axil_wdata[2:0];
          4'h4:    target <= s_axil_wdata[7:0];
          4'hc:    if (s_axil_wdata[1]) done <= 1'b0;
          default: ;
        endcase
      end
      if (arrives) done <= 1'b1;
    end
  end
endmodule
