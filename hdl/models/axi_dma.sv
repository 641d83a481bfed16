// SPDX-License-Identifier: Apache-2.0
//
// axi_dma: copies memory to memory, driven by a chain of descriptors that it reads from memory itself.
//
// Control port, s_axil: 32-bit registers.
//
//   offset  name     access
//   0x00    CONTROL  read-write: bit 0 START: writing 1 starts the chain at HEAD, and reads as 0; bit 1 enables the
//                    interrupt; bit 2 STOP: writing 1 ends the chain after the burst under way and leaves its
//                    descriptor as it is; reads as 0
//   0x04    STATUS   bit 0 BUSY (read-only); bit 1 DONE and bit 2 ERROR, set at the end of a chain, each cleared by
//                    writing 1. A chain that was stopped ends with neither. START while BUSY does nothing.
//   0x08    HEAD     read-write: address of the first descriptor, bits 31 to 0
//   0x0c    HEAD_HI  read-write: bits 63 to 32
//   0x10    COUNT    read-only: descriptors that were completed since START
//   0x14    FAULT    read-only: low half of the address of the burst that got an error response
//   0x18…   hole     reads and writes get SLVERR
//
// All registers are 0 after reset. Writes take whole registers: one without all four strobes gets SLVERR. irq_o is a
// level: interrupt enabled, and DONE or ERROR.
//
// Descriptor: 32 bytes, aligned to 32, little-endian. The engine reads it in one burst.
//
//   offset  size  field
//   0       8     source address
//   8       8     destination address
//   16      4     length in bytes
//   20      4     control: bit 0 LAST ends the chain; bit 1 INTERRUPT sets DONE also if it isn't the last
//   24      8     written back by the engine: bit 0 COMPLETE, bit 1 ERROR, bits 63 to 32 the bytes copied. Not read
//
// The next descriptor follows at the address + 32. Source, destination and length are multiples of 8; others make the
// descriptor fail with ERROR before anything is copied. A length of 0 copies nothing.
//
// Memory port, m_axi: AXI4, 64-bit data. Data moves in INCR bursts of up to MaxBurst beats that cross no multiple of
// 4096, read into a buffer and written out, one after the other. After an error response the descriptor is written back
// with ERROR and the number of bytes that were copied whole, and the chain ends with STATUS.ERROR. A descriptor that
// can't be read is not written back.

`include "axil_front.sv"

module axi_dma #(
  // Beats of the longest burst, a power of two from 4 to 256.
  parameter bit [31:0] MaxBurst = 16
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic [11:0] s_axil_awaddr,
  input  logic [ 2:0] s_axil_awprot,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic [ 3:0] s_axil_wstrb,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [ 1:0] s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [11:0] s_axil_araddr,
  input  logic [ 2:0] s_axil_arprot,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [ 1:0] s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready,

  output logic [63:0] m_axi_awaddr,
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
  output logic [63:0] m_axi_araddr,
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

  output logic        irq_o
);

  localparam bit [31:0] WordBytes = 8;
  localparam bit [31:0] DescriptorWords = 3;  // those that are read
  localparam logic [63:0] DescriptorBytes = 64'd32;
  localparam logic [63:0] WriteBackOffset = 64'd24;
  localparam bit [31:0] Last = 0;
  localparam bit [31:0] Interrupt = 1;

  // ---- the engine

  typedef enum logic [2:0] {
    Idle,
    Fetch,      // read a descriptor
    Judge,      // and look at it
    Load,       // read a burst of data
    Store,      // write it
    WriteBack   // tell how the descriptor went
  } state_e;

  state_e state_q;
  logic   start, stop, stopping_q, failed_q;
  logic   aw_sent_q, ar_sent_q, w_sent_q;  // in the present state
  logic [8:0] beat_q;                      // of the present burst

  logic [63:0] descriptor_q, source_q, destination_q;
  logic [31:0] length_q, copied_q, control_q, count_q, fault_q;
  logic        done_q, error_q;
  logic [63:0] buffer_q [MaxBurst];

  localparam bit [31:0] BufferBits = $clog2(MaxBurst);

  // Beats from an address to the next multiple of 4096.
  function automatic logic [31:0] beats_to_boundary(logic [11:0] address);
    return (32'd4096 - 32'(address)) / WordBytes;
  endfunction

  function automatic logic [31:0] least(logic [31:0] a, logic [31:0] b);
    return a < b ? a : b;
  endfunction

  logic [31:0] remaining, burst_beats;
  assign remaining   = length_q - copied_q;
  assign burst_beats = least(least(remaining / WordBytes, MaxBurst),
                             least(beats_to_boundary(source_q[11:0]), beats_to_boundary(destination_q[11:0])));

  logic unsound, read_state, write_state, last_beat;
  assign unsound     = {source_q[2:0], destination_q[2:0], length_q[2:0]} != '0;
  assign read_state  = state_q == Fetch || state_q == Load;
  assign write_state = state_q == Store || state_q == WriteBack;

  logic [31:0] beats;  // of the burst of the present state
  always_comb begin
    case (state_q)
      Fetch:     beats = DescriptorWords;
      WriteBack: beats = 1;
      default:   beats = burst_beats;
    endcase
  end
  assign last_beat = 32'(beat_q) == beats - 1;

  assign m_axi_araddr  = state_q == Fetch ? descriptor_q : source_q;
  assign m_axi_arlen   = 8'(beats - 1);
  assign m_axi_arsize  = 3'd3;
  assign m_axi_arburst = 2'b01;
  assign m_axi_arvalid = read_state && !ar_sent_q;
  assign m_axi_rready  = read_state && ar_sent_q;

  assign m_axi_awaddr  = state_q == WriteBack ? descriptor_q + WriteBackOffset : destination_q;
  assign m_axi_awlen   = 8'(beats - 1);
  assign m_axi_awsize  = 3'd3;
  assign m_axi_awburst = 2'b01;
  assign m_axi_awvalid = write_state && !aw_sent_q;
  assign m_axi_wdata   = state_q == WriteBack ? {copied_q, 30'b0, failed_q, !failed_q} : buffer_q[BufferBits'(beat_q)];
  assign m_axi_wstrb   = '1;
  assign m_axi_wlast   = last_beat;
  assign m_axi_wvalid  = write_state && !w_sent_q;
  assign m_axi_bready  = write_state && aw_sent_q && w_sent_q;

  logic read_beat, read_end, write_end;
  assign read_beat = m_axi_rvalid && m_axi_rready;
  assign read_end  = read_beat && m_axi_rlast;
  assign write_end = m_axi_bvalid && m_axi_bready;

  // Whether the burst of the present state got an error, its last beat included.
  logic burst_error_q, burst_error;
  assign burst_error = burst_error_q || (read_beat && m_axi_rresp[1]) || (write_end && m_axi_bresp[1]);

  always_ff @(posedge clk_i) begin
    if (state_q == Load && read_beat) buffer_q[BufferBits'(beat_q)] <= m_axi_rdata;
    if (state_q == Fetch && read_beat) begin
      case (beat_q)
        9'd0:    source_q <= m_axi_rdata;
        9'd1:    destination_q <= m_axi_rdata;
        default: {control_q, length_q} <= m_axi_rdata;
      endcase
    end
    if (state_q == Store && write_end && !burst_error) begin
      source_q      <= source_q + 64'(burst_beats * WordBytes);
      destination_q <= destination_q + 64'(burst_beats * WordBytes);
    end
  end

  // What comes after a state that has done its work.
  task automatic enter(state_e next);
    state_q       <= next;
    beat_q        <= '0;
    aw_sent_q     <= 1'b0;
    ar_sent_q     <= 1'b0;
    w_sent_q      <= 1'b0;
    burst_error_q <= 1'b0;
  endtask

  task automatic fail(logic [31:0] address);
    failed_q <= 1'b1;
    fault_q  <= address;
    enter(WriteBack);
  endtask

  logic clear_done, clear_error;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      enter(Idle);
      {stopping_q, failed_q, done_q, error_q} <= '0;
      descriptor_q <= '0;
      {copied_q, count_q, fault_q} <= '0;
    end else begin
      if (clear_done) done_q <= 1'b0;
      if (clear_error) error_q <= 1'b0;
      if (stop && state_q != Idle) stopping_q <= 1'b1;
      if (m_axi_arvalid && m_axi_arready) ar_sent_q <= 1'b1;
      if (m_axi_awvalid && m_axi_awready) aw_sent_q <= 1'b1;
      if (m_axi_wvalid && m_axi_wready) w_sent_q <= last_beat;
      if (read_beat || (m_axi_wvalid && m_axi_wready)) beat_q <= beat_q + 9'd1;
      burst_error_q <= burst_error;

      case (state_q)
        Idle: if (start) begin
          descriptor_q <= {head_hi_q, head_q};
          count_q      <= '0;
          stopping_q   <= 1'b0;
          enter(Fetch);
        end

        Fetch: if (read_end) begin
          copied_q <= '0;
          failed_q <= 1'b0;
          if (burst_error) begin
            // Nothing is known of a descriptor that can't be read, so nothing is written back.
            fault_q <= descriptor_q[31:0];
            error_q <= 1'b1;
            enter(Idle);
          end else begin
            enter(Judge);
          end
        end

        Judge: begin
          if (unsound) fail(descriptor_q[31:0]);
          else if (remaining == '0) enter(WriteBack);
          else if (stopping_q) enter(Idle);
          else enter(Load);
        end

        Load: if (read_end) begin
          if (burst_error) fail(source_q[31:0]);
          else enter(Store);
        end

        Store: if (write_end) begin
          if (burst_error) begin
            fail(destination_q[31:0]);
          end else begin
            copied_q <= copied_q + burst_beats * WordBytes;
            enter(Judge);
          end
        end

        WriteBack: if (write_end) begin
          if (failed_q || burst_error) begin
            error_q <= 1'b1;
            enter(Idle);
          end else begin
            count_q      <= count_q + 32'd1;
            descriptor_q <= descriptor_q + DescriptorBytes;
            if (control_q[Last] || control_q[Interrupt]) done_q <= 1'b1;
            if (control_q[Last] || stopping_q) enter(Idle);
            else enter(Fetch);
          end
        end

        default: enter(Idle);
      endcase
    end
  end

  // ---- the registers

  localparam logic [9:0] Control = 10'h0;
  localparam logic [9:0] Status = 10'h1;
  localparam logic [9:0] Head = 10'h2;
  localparam logic [9:0] HeadHi = 10'h3;
  localparam logic [9:0] Count = 10'h4;
  localparam logic [9:0] Fault = 10'h5;

  logic [31:0] head_q, head_hi_q;
  logic        enable_q;
  logic        write, read, write_error, read_error;
  logic [11:0] write_addr, read_addr;
  logic [ 9:0] write_word, read_word;
  logic [31:0] write_data, read_data;
  logic [ 3:0] write_strb;

  assign write_word  = write_addr[11:2];
  assign read_word   = read_addr[11:2];
  assign irq_o       = enable_q && (done_q || error_q);
  assign write_error = write_word > HeadHi || write_strb != '1;
  assign read_error  = read_word > Fault;
  assign start       = write && !write_error && write_word == Control && write_data[0];
  assign stop        = write && !write_error && write_word == Control && write_data[2];
  assign clear_done  = write && !write_error && write_word == Status && write_data[1];
  assign clear_error = write && !write_error && write_word == Status && write_data[2];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      enable_q <= 1'b0;
      {head_hi_q, head_q} <= '0;
    end else if (write && !write_error) begin
      if (write_word == Control) enable_q <= write_data[1];
      if (write_word == Head) head_q <= write_data;
      if (write_word == HeadHi) head_hi_q <= write_data;
    end
  end

  always_comb begin
    case (read_word)
      Control: read_data = {30'b0, enable_q, 1'b0};
      Status:  read_data = {29'b0, error_q, done_q, state_q != Idle};
      Head:    read_data = head_q;
      HeadHi:  read_data = head_hi_q;
      Count:   read_data = count_q;
      Fault:   read_data = fault_q;
      default: read_data = '0;
    endcase
  end

  // ---- the control port

  axil_front #(
    .AddrWidth(12),
    .DataWidth(32)
  ) front (
    .clk_i,
    .rst_ni,
    .s_axil_awaddr,
    .s_axil_awprot,
    .s_axil_awvalid,
    .s_axil_awready,
    .s_axil_wdata,
    .s_axil_wstrb,
    .s_axil_wvalid,
    .s_axil_wready,
    .s_axil_bresp,
    .s_axil_bvalid,
    .s_axil_bready,
    .s_axil_araddr,
    .s_axil_arprot,
    .s_axil_arvalid,
    .s_axil_arready,
    .s_axil_rdata,
    .s_axil_rresp,
    .s_axil_rvalid,
    .s_axil_rready,
    .write_o      (write),
    .write_addr_o (write_addr),
    .write_data_o (write_data),
    .write_strb_o (write_strb),
    .write_error_i(write_error),
    .read_o       (read),
    .read_addr_o  (read_addr),
    .read_data_i  (read_data),
    .read_error_i (read_error)
  );

  logic unused;
  assign unused = ^{read, write_addr[1:0], read_addr[1:0], m_axi_rresp[0], m_axi_bresp[0]};
endmodule
