// SPDX-License-Identifier: Apache-2.0
//
// meter: counts cycles on two channels while it runs. Its registers are those of meter.rdl, and of the same in other
// formats beside it. What is sent to TXD comes back in RXD. CTRL can be written once KEY has been: 0x10c4. Writes take
// whole words; what the description does not have is SLVERR.

module meter (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic [ 5:0] s_axil_awaddr,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [ 1:0] s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [ 5:0] s_axil_araddr,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [ 1:0] s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready
);
  localparam logic [1:0] Okay = 2'b00, SlvErr = 2'b10;
  localparam logic [1:0] Slow = 2'd1, Fast = 2'd2;

  logic [63:0] stamp;
  logic [31:0] limits[2], counts[2], words[4];
  logic [ 7:0] sent;
  logic [ 3:0] level;
  logic [ 1:0] mode;
  logic enabled, overrun, is_open;

  wire takes_write = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  wire takes_read  = s_axil_arvalid && !s_axil_rvalid;
  wire counts_now  = enabled && (mode == Fast || (mode == Slow && stamp[1:0] == 0));
  wire is_written  = s_axil_awaddr inside {6'h00, 6'h04, 6'h08, 6'h0c, 6'h10, 6'h18, [6'h30 : 6'h3c]};

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
      if (takes_write) {s_axil_bvalid, s_axil_bresp} <= {1'b1, is_written ? Okay : SlvErr};
      if (takes_read) begin
        {s_axil_rvalid, s_axil_rresp} <= {1'b1, Okay};
        unique casez (s_axil_araddr)
          6'h00:     s_axil_rdata <= 32'({mode, enabled});
          6'h04:     s_axil_rdata <= {24'h0, level, 2'b0, overrun, enabled};
          6'h08:     s_axil_rdata <= {24'h0, sent};
          6'h10:     s_axil_rdata <= limits[0];
          6'h14:     s_axil_rdata <= counts[0];
          6'h18:     s_axil_rdata <= limits[1];
          6'h1c:     s_axil_rdata <= counts[1];
          6'h20:     s_axil_rdata <= 32'hc0de_0001;
          6'h28:     s_axil_rdata <= stamp[31:0];
          6'h2c:     s_axil_rdata <= stamp[63:32];
          6'b11????: s_axil_rdata <= words[s_axil_araddr[3:2]];
          default:   {s_axil_rresp, s_axil_rdata} <= {SlvErr, 32'h0};
        endcase
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {enabled, mode} <= {1'b0, Slow};
      {stamp, sent, level, overrun, is_open} <= '0;
      {limits[0], limits[1], counts[0], counts[1]} <= '0;
      words <= '{default: '0};
    end else begin
      stamp <= stamp + 1;
      for (int unsigned i = 0; i < 2; i++) begin
        if (counts_now && counts[i] != limits[i]) counts[i] <= counts[i] + 1;
        if (takes_read && s_axil_araddr == 6'(20 + 8 * i)) counts[i] <= '0;
      end
      if (takes_read && s_axil_araddr == 6'h08 && level != 0) level <= level - 1;
      if (takes_write) begin
        unique casez (s_axil_awaddr)
          6'h00:     if (is_open) {mode, enabled} <= s_axil_wdata[2:0];
          6'h04:     if (s_axil_wdata[1]) overrun <= 1'b0;
          6'h08: begin
            sent <= s_axil_wdata[7:0];
            overrun <= overrun || level == '1;
            if (level != '1) level <= level + 1;
          end
          6'h0c:     is_open <= s_axil_wdata[15:0] == 16'h10c4;
          6'h10:     limits[0] <= s_axil_wdata;
          6'h18:     limits[1] <= s_axil_wdata;
          6'b11????: words[s_axil_awaddr[3:2]] <= s_axil_wdata;
          default: ;
        endcase
      end
    end
  end
endmodule
