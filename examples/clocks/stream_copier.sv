// SPDX-License-Identifier: Apache-2.0
//
// stream_copier: copies memory to memory through a stream, with three clocks as FPGA vendors' DMA engines have them:
// one of the registers, one of the memory port, one of the stream. No clock needs to know of another.
//
// Registers, s_axi_lite (clock s_axi_lite_aclk), 32 bits each, written as whole words:
//
//   0x00  CONTROL  bit 0 START: writing 1 starts a copy, unless one is under way; bit 1 enables the interrupt
//   0x04  STATUS   bit 0 BUSY; bit 1 DONE and bit 2 ERROR (an error response of memory), each cleared by writing 1
//   0x08  SOURCE, 0x0c DESTINATION: addresses, multiples of 128
//   0x10  LENGTH   in bytes, a multiple of 128 that is not 0
//   0x14  PASSED   words of 8 bytes that went through the stream since reset; steady while not BUSY
//
// Memory port, m_axi (clock m_axi_aclk): AXI4, 64-bit data, INCR bursts of 16 beats, which cross no multiple of 4096.
// What is read goes through a FIFO to the stream (clock axis_aclk), and through another back to the memory port.
// irq is a level, of s_axi_lite_aclk: interrupt enabled, and DONE or ERROR.

module stream_copier (
  input  logic        s_axi_lite_aclk,
  input  logic        s_axi_lite_aresetn,
  input  logic [ 7:0] s_axi_lite_awaddr,
  input  logic        s_axi_lite_awvalid,
  output logic        s_axi_lite_awready,
  input  logic [31:0] s_axi_lite_wdata,
  input  logic [ 3:0] s_axi_lite_wstrb,
  input  logic        s_axi_lite_wvalid,
  output logic        s_axi_lite_wready,
  output logic [ 1:0] s_axi_lite_bresp,
  output logic        s_axi_lite_bvalid,
  input  logic        s_axi_lite_bready,
  input  logic [ 7:0] s_axi_lite_araddr,
  input  logic        s_axi_lite_arvalid,
  output logic        s_axi_lite_arready,
  output logic [31:0] s_axi_lite_rdata,
  output logic [ 1:0] s_axi_lite_rresp,
  output logic        s_axi_lite_rvalid,
  input  logic        s_axi_lite_rready,
  output logic        irq,

  input  logic        m_axi_aclk,
  input  logic        m_axi_aresetn,
  output logic [31:0] m_axi_awaddr,
  output logic [ 7:0] m_axi_awlen,
  output logic [ 2:0] m_axi_awsize,
  output logic [ 1:0] m_axi_awburst,
  output logic        m_axi_awvalid,
  input  logic        m_axi_awready,
  output logic [63:0] m_axi_wdata,
  output logic [ 7:0] m_axi_wstrb,
  output logic        m_axi_wlast,
  output logic        m_axi_wvalid,
  input  logic        m_axi_wready,
  input  logic [ 1:0] m_axi_bresp,
  input  logic        m_axi_bvalid,
  output logic        m_axi_bready,
  output logic [31:0] m_axi_araddr,
  output logic [ 7:0] m_axi_arlen,
  output logic [ 2:0] m_axi_arsize,
  output logic [ 1:0] m_axi_arburst,
  output logic        m_axi_arvalid,
  input  logic        m_axi_arready,
  input  logic [63:0] m_axi_rdata,
  input  logic [ 1:0] m_axi_rresp,
  input  logic        m_axi_rlast,
  input  logic        m_axi_rvalid,
  output logic        m_axi_rready,

  input  logic        axis_aclk,
  input  logic        axis_aresetn
);

  localparam logic [31:0] BurstBytes = 32'd128;

  // ---- the registers. START and the end of a copy cross as changes of level, two flops later; what stands beside them
  // has been steady for long by then.

  logic [31:0] source_q, destination_q, length_q;
  logic enable_q, busy_q, done_q, error_q, start_q;
  logic ended_q, failed_q;  // of m_axi_aclk
  logic [2:0] ended_seen_q;
  logic write, read, ends;
  logic [31:0] passed_q;    // of axis_aclk

  assign write = s_axi_lite_awvalid && s_axi_lite_wvalid && !s_axi_lite_bvalid;
  assign read  = s_axi_lite_arvalid && !s_axi_lite_rvalid;
  assign ends  = ended_seen_q[2] != ended_seen_q[1];
  assign irq   = enable_q && (done_q || error_q);

  assign s_axi_lite_awready = write;
  assign s_axi_lite_wready  = write;
  assign s_axi_lite_arready = read;
  assign s_axi_lite_bresp   = 2'b00;
  assign s_axi_lite_rresp   = 2'b00;

  always_ff @(posedge s_axi_lite_aclk or negedge s_axi_lite_aresetn) begin
    if (!s_axi_lite_aresetn) begin
      {source_q, destination_q, length_q} <= '0;
      {enable_q, busy_q, done_q, error_q, start_q} <= '0;
      {s_axi_lite_bvalid, s_axi_lite_rvalid, ended_seen_q} <= '0;
    end else begin
      ended_seen_q <= {ended_seen_q[1:0], ended_q};
      if (write) begin
        case (s_axi_lite_awaddr[4:2])
          3'd0: begin
            enable_q <= s_axi_lite_wdata[1];
            if (s_axi_lite_wdata[0] && !busy_q) {busy_q, start_q} <= {1'b1, !start_q};
          end
          3'd1:    {error_q, done_q} <= {error_q, done_q} & ~s_axi_lite_wdata[2:1];
          3'd2:    source_q <= s_axi_lite_wdata;
          3'd3:    destination_q <= s_axi_lite_wdata;
          3'd4:    length_q <= s_axi_lite_wdata;
          default: ;
        endcase
      end
      if (ends) begin
        busy_q <= 1'b0;
        if (failed_q) error_q <= 1'b1;
        else done_q <= 1'b1;
      end
      s_axi_lite_bvalid <= write || (s_axi_lite_bvalid && !s_axi_lite_bready);
      s_axi_lite_rvalid <= read || (s_axi_lite_rvalid && !s_axi_lite_rready);
    end
  end

  always_ff @(posedge s_axi_lite_aclk) begin
    if (read) begin
      case (s_axi_lite_araddr[4:2])
        3'd0:    s_axi_lite_rdata <= {30'b0, enable_q, 1'b0};
        3'd1:    s_axi_lite_rdata <= {29'b0, error_q, done_q, busy_q};
        3'd2:    s_axi_lite_rdata <= source_q;
        3'd3:    s_axi_lite_rdata <= destination_q;
        3'd4:    s_axi_lite_rdata <= length_q;
        3'd5:    s_axi_lite_rdata <= passed_q;
        default: s_axi_lite_rdata <= '0;
      endcase
    end
  end

  // ---- the memory port: reads run ahead of writes as far as the FIFOs go

  logic [2:0] start_seen_q;
  logic [31:0] read_left_q, write_left_q;  // bytes of bursts that are not over
  logic reading_q, writing_q;              // the address of the present burst has been taken
  logic [3:0] beat_q;
  logic begins, read_ends, write_ends, came_valid, came_ready;
  logic [63:0] came;

  assign begins     = start_seen_q[2] != start_seen_q[1];
  assign read_ends  = m_axi_rvalid && m_axi_rready && m_axi_rlast;
  assign write_ends = m_axi_bvalid && m_axi_bready;

  assign m_axi_arlen   = 8'd15;
  assign m_axi_arsize  = 3'd3;
  assign m_axi_arburst = 2'b01;
  assign m_axi_arvalid = read_left_q != '0 && !reading_q;

  assign m_axi_awlen   = 8'd15;
  assign m_axi_awsize  = 3'd3;
  assign m_axi_awburst = 2'b01;
  assign m_axi_awvalid = write_left_q != '0 && !writing_q;
  assign m_axi_wdata   = came;
  assign m_axi_wstrb   = '1;
  assign m_axi_wlast   = beat_q == '1;
  assign m_axi_wvalid  = writing_q && came_valid && !m_axi_bready;
  assign came_ready    = m_axi_wvalid && m_axi_wready;

  always_ff @(posedge m_axi_aclk or negedge m_axi_aresetn) begin
    if (!m_axi_aresetn) begin
      {start_seen_q, reading_q, writing_q, beat_q, m_axi_bready, ended_q, failed_q} <= '0;
      {m_axi_araddr, m_axi_awaddr, read_left_q, write_left_q} <= '0;
    end else begin
      start_seen_q <= {start_seen_q[1:0], start_q};
      if (begins) begin
        {m_axi_araddr, m_axi_awaddr} <= {source_q, destination_q};
        {read_left_q, write_left_q}  <= {length_q, length_q};
        failed_q <= 1'b0;
      end

      if (m_axi_arvalid && m_axi_arready) reading_q <= 1'b1;
      if (read_ends) begin
        reading_q    <= 1'b0;
        m_axi_araddr <= m_axi_araddr + BurstBytes;
        read_left_q  <= read_left_q - BurstBytes;
      end
      if (m_axi_rvalid && m_axi_rready && m_axi_rresp[1]) failed_q <= 1'b1;

      if (m_axi_awvalid && m_axi_awready) writing_q <= 1'b1;
      if (came_ready) begin
        beat_q       <= beat_q + 4'd1;
        m_axi_bready <= m_axi_wlast;
      end
      if (write_ends) begin
        {writing_q, m_axi_bready} <= '0;
        m_axi_awaddr <= m_axi_awaddr + BurstBytes;
        write_left_q <= write_left_q - BurstBytes;
        if (m_axi_bresp[1]) failed_q <= 1'b1;
        if (write_left_q == BurstBytes) ended_q <= !ended_q;
      end
    end
  end

  // ---- the stream

  logic flows_valid, flows_ready, went_ready;
  logic [63:0] flows;

  async_fifo to_stream (
    .write_clk_i  (m_axi_aclk),
    .write_rst_ni (m_axi_aresetn),
    .write_valid_i(m_axi_rvalid),
    .write_ready_o(m_axi_rready),
    .write_data_i (m_axi_rdata),
    .read_clk_i   (axis_aclk),
    .read_rst_ni  (axis_aresetn),
    .read_valid_o (flows_valid),
    .read_ready_i (flows_ready),
    .read_data_o  (flows)
  );

  async_fifo from_stream (
    .write_clk_i  (axis_aclk),
    .write_rst_ni (axis_aresetn),
    .write_valid_i(flows_valid),
    .write_ready_o(went_ready),
    .write_data_i (flows),
    .read_clk_i   (m_axi_aclk),
    .read_rst_ni  (m_axi_aresetn),
    .read_valid_o (came_valid),
    .read_ready_i (came_ready),
    .read_data_o  (came)
  );

  assign flows_ready = went_ready;

  always_ff @(posedge axis_aclk or negedge axis_aresetn) begin
    if (!axis_aresetn) passed_q <= '0;
    else if (flows_valid && flows_ready) passed_q <= passed_q + 32'd1;
  end

  logic unused;
  assign unused = ^{s_axi_lite_wstrb, s_axi_lite_awaddr, s_axi_lite_araddr, m_axi_rresp[0], m_axi_bresp[0]};
endmodule
