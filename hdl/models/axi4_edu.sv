// SPDX-License-Identifier: Apache-2.0
//
// axi4_edu: the twin of QEMU's device `edu` (its docs/specs/edu.rst and hw/misc/edu.c, 7.2 to 10.0) behind full AXI4 of
// 64 bits, for recordings of that device to be made again on. Without its DMA.
//
//   offset  name     access
//   0x00    ID       read-only: 0x010000ed
//   0x04    LIVE     read-write: reads as the inverse of what was written; 0 after reset
//   0x08    FACT     read-write: a number, of which the factorial, modulo 2^32, is in its place once it is computed;
//                    until then it reads as the number, and writes change nothing
//   0x20    STATUS   bit 0, read-only: a factorial is being computed; bit 7, read-write: its end raises bit 0 of IRQ
//   0x24    IRQ      read-only: what has raised the interrupt
//   0x60    RAISE    write-only: sets these bits of IRQ
//   0x64    ACK      write-only: clears these bits of IRQ
//   0x80    DMA_SRC  read-write, 64 bits: where DMA would read
//   0x88    DMA_DST  the same: where it would write
//   0x90    DMA_CNT  the same: how many bytes
//   0x98    DMA_CMD  reads as 0. SLVERR if bit 0 is written, which starts DMA in the device; else nothing changes
//   others           read as ones; a write changes nothing. So do write-only registers, and read-only ones when written
//
// irq_o is a level: any bit of IRQ. All registers are 0 after reset. A factorial takes a cycle for each multiplication,
// and ends when the product is 0: after 34 factors at most, since as many numbers in a row have 2^32 as a factor.
//
// What a register answers depends on the size of a beat, as AxSIZE tells it:
// - 4 bytes: as above. Of 64-bit registers a read has the lower half, and a write clears the upper one; their upper
//   halves have no address of their own, and are among the others.
// - 8 bytes: from 0x80 on as above; below a read is all ones, and a write changes nothing.
// - 1 and 2 bytes: a read is 0, a write changes nothing. (QEMU refuses them, and its processor of x86 reads that as 0.)
// - An unaligned beat, and a write of which not all bytes have their strobes, get SLVERR, a read with data 0: how many
//   accesses a processor makes of one is not the device's.
//
// On the bus:
// - INCR, FIXED and WRAP bursts; each beat is an access of its own. An error of one is in the response of a write.
// - One write burst and one read burst are under way at a time; a write takes its data after its address. The first
//   beat of a read appears one cycle after its address was taken. Its register is read then, not when it is taken.
// - Responses carry the ID of their request. xLOCK, xCACHE, xPROT, xQOS and xREGION are ignored. DECERR is never
//   answered.

module axi4_edu #(
  // 12 to 32; the device has 20, a megabyte. Offsets beyond are those of others.
  parameter int unsigned AddrWidth = 20,
  // At least 1.
  parameter int unsigned IdWidth = 4
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic [  IdWidth-1:0] s_axi_awid,
  input  logic [AddrWidth-1:0] s_axi_awaddr,
  input  logic [          7:0] s_axi_awlen,
  input  logic [          2:0] s_axi_awsize,
  input  logic [          1:0] s_axi_awburst,
  input  logic                 s_axi_awlock,
  input  logic [          3:0] s_axi_awcache,
  input  logic [          2:0] s_axi_awprot,
  input  logic [          3:0] s_axi_awqos,
  input  logic [          3:0] s_axi_awregion,
  input  logic                 s_axi_awvalid,
  output logic                 s_axi_awready,

  input  logic [         63:0] s_axi_wdata,
  input  logic [          7:0] s_axi_wstrb,
  input  logic                 s_axi_wlast,
  input  logic                 s_axi_wvalid,
  output logic                 s_axi_wready,

  output logic [  IdWidth-1:0] s_axi_bid,
  output logic [          1:0] s_axi_bresp,
  output logic                 s_axi_bvalid,
  input  logic                 s_axi_bready,

  input  logic [  IdWidth-1:0] s_axi_arid,
  input  logic [AddrWidth-1:0] s_axi_araddr,
  input  logic [          7:0] s_axi_arlen,
  input  logic [          2:0] s_axi_arsize,
  input  logic [          1:0] s_axi_arburst,
  input  logic                 s_axi_arlock,
  input  logic [          3:0] s_axi_arcache,
  input  logic [          2:0] s_axi_arprot,
  input  logic [          3:0] s_axi_arqos,
  input  logic [          3:0] s_axi_arregion,
  input  logic                 s_axi_arvalid,
  output logic                 s_axi_arready,

  output logic [  IdWidth-1:0] s_axi_rid,
  output logic [         63:0] s_axi_rdata,
  output logic [          1:0] s_axi_rresp,
  output logic                 s_axi_rlast,
  output logic                 s_axi_rvalid,
  input  logic                 s_axi_rready,

  output logic                 irq_o
);

  localparam logic [1:0] Okay = 2'b00;
  localparam logic [1:0] Slverr = 2'b10;

  localparam logic [31:0] Id = 32'h00;
  localparam logic [31:0] Live = 32'h04;
  localparam logic [31:0] Fact = 32'h08;
  localparam logic [31:0] Status = 32'h20;
  localparam logic [31:0] Irq = 32'h24;
  localparam logic [31:0] Raise = 32'h60;
  localparam logic [31:0] Ack = 32'h64;
  localparam logic [31:0] DmaSrc = 32'h80;
  localparam logic [31:0] DmaDst = 32'h88;
  localparam logic [31:0] DmaCnt = 32'h90;
  localparam logic [31:0] DmaCmd = 32'h98;

  // ---- where a burst stands

  typedef struct packed {
    logic [  IdWidth-1:0] id;
    logic [AddrWidth-1:0] addr;   // of the present beat
    logic [          7:0] len;
    logic [          7:0] left;   // beats after the present one
    logic [          2:0] size;
    logic [          1:0] burst;
  } burst_t;

  // The burst at its next beat (AXI IHI 0022, A3.4.1).
  function automatic burst_t advance(burst_t burst);
    automatic logic [AddrWidth-1:0] bytes = AddrWidth'(1) << burst.size;
    automatic logic [AddrWidth-1:0] next = (burst.addr & ~(bytes - 1'b1)) + bytes;
    automatic logic [AddrWidth-1:0] wrap = ((AddrWidth'(burst.len) + 1'b1) << burst.size) - 1'b1;
    advance = burst;
    advance.left = burst.left - 1'b1;
    case (burst.burst)
      2'b00:   advance.addr = burst.addr;
      2'b10:   advance.addr = (burst.addr & ~wrap) | (next & wrap);
      default: advance.addr = next;
    endcase
  endfunction

  function automatic logic is_aligned(burst_t burst);
    return (burst.addr & ((AddrWidth'(1) << burst.size) - 1'b1)) == '0;
  endfunction

  // Whether the device has registers of the beat's size there.
  function automatic logic is_known(burst_t burst);
    return burst.size == 3'd2 || (burst.size == 3'd3 && 32'(burst.addr) >= DmaSrc);
  endfunction

  // ---- writes: one register in the cycle of a beat

  typedef enum logic [1:0] {WriteIdle, WriteData, WriteAnswer} write_state_e;

  write_state_e write_q;
  burst_t       aw_q;
  logic         write_beat, write_whole, write_starts_dma;
  logic [ 63:0] write_value;
  logic [  7:0] write_lanes;

  assign s_axi_awready = write_q == WriteIdle;
  assign s_axi_wready  = write_q == WriteData;
  assign s_axi_bvalid  = write_q == WriteAnswer;
  assign s_axi_bid     = aw_q.id;
  assign write_beat    = s_axi_wvalid && s_axi_wready;

  assign write_lanes = ((8'd1 << (4'd1 << aw_q.size)) - 8'd1) << aw_q.addr[2:0];
  assign write_whole = is_aligned(aw_q) && s_axi_wstrb == write_lanes;

  always_comb begin
    write_value = s_axi_wdata;
    if (aw_q.size != 3'd3) write_value = {32'b0, aw_q.addr[2] ? s_axi_wdata[63:32] : s_axi_wdata[31:0]};
  end

  function automatic logic is_written(logic [31:0] offset);
    return write_beat && write_whole && is_known(aw_q) && 32'(aw_q.addr) == offset;
  endfunction

  assign write_starts_dma = is_written(DmaCmd) && write_value[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q     <= WriteIdle;
      aw_q        <= '0;
      s_axi_bresp <= Okay;
    end else begin
      case (write_q)
        WriteIdle: if (s_axi_awvalid) begin
          aw_q <= '{id: s_axi_awid, addr: s_axi_awaddr, len: s_axi_awlen, left: s_axi_awlen,
                    size: s_axi_awsize, burst: s_axi_awburst};
          s_axi_bresp <= Okay;
          write_q     <= WriteData;
        end
        WriteData: if (write_beat) begin
          aw_q <= advance(aw_q);
          if ((!write_whole && s_axi_wstrb != '0) || write_starts_dma) s_axi_bresp <= Slverr;
          if (aw_q.left == '0) write_q <= WriteAnswer;
        end
        WriteAnswer: if (s_axi_bready) write_q <= WriteIdle;
        default:     write_q <= WriteIdle;
      endcase
    end
  end

  // ---- the registers

  logic [31:0] live_q, fact_q, irq_q;
  logic [63:0] dma_src_q, dma_dst_q, dma_cnt_q;
  logic        irqfact_q;

  // The factorial that is being computed: the product so far, and the next factor.
  logic        computing_q, computed;
  logic [31:0] product_q, factor_q;

  assign computed = computing_q && (factor_q == '0 || product_q == '0);
  assign irq_o    = irq_q != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      live_q    <= '0;
      irqfact_q <= 1'b0;
      irq_q     <= '0;
      dma_src_q <= '0;
      dma_dst_q <= '0;
      dma_cnt_q <= '0;
    end else begin
      if (is_written(Live)) live_q <= ~write_value[31:0];
      if (is_written(Status)) irqfact_q <= write_value[7];
      if (is_written(DmaSrc)) dma_src_q <= write_value;
      if (is_written(DmaDst)) dma_dst_q <= write_value;
      if (is_written(DmaCnt)) dma_cnt_q <= write_value;
      irq_q <= ((irq_q | (is_written(Raise) ? write_value[31:0] : '0)) & ~(is_written(Ack) ? write_value[31:0] : '0)) |
               {31'b0, computed && irqfact_q};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      computing_q <= 1'b0;
      fact_q      <= '0;
      product_q   <= '0;
      factor_q    <= '0;
    end else if (computed) begin
      computing_q <= 1'b0;
      fact_q      <= product_q;
    end else if (computing_q) begin
      product_q <= product_q * factor_q;
      factor_q  <= factor_q - 1'b1;
    end else if (is_written(Fact)) begin
      computing_q <= 1'b1;
      fact_q      <= write_value[31:0];
      product_q   <= 32'd1;
      factor_q    <= write_value[31:0];
    end
  end

  function automatic logic [63:0] value_at(logic [31:0] offset);
    case (offset)
      Id:      return 64'h0100_00ed;
      Live:    return {32'b0, live_q};
      Fact:    return {32'b0, fact_q};
      Status:  return {56'b0, irqfact_q, 6'b0, computing_q};
      Irq:     return {32'b0, irq_q};
      DmaSrc:  return dma_src_q;
      DmaDst:  return dma_dst_q;
      DmaCnt:  return dma_cnt_q;
      DmaCmd:  return '0;
      default: return '1;
    endcase
  endfunction

  // ---- reads

  logic        reading_q;
  burst_t      ar_q, ar_shown;  // the beat that is offered, and the one that will be after this cycle
  logic [63:0] shown;           // what is read there, in the lanes of the bus word

  assign s_axi_arready = !reading_q;
  assign s_axi_rvalid  = reading_q;
  assign s_axi_rid     = ar_q.id;
  assign s_axi_rlast   = ar_q.left == '0;

  always_comb begin
    ar_shown = ar_q;
    if (!reading_q) begin
      ar_shown = '{id: s_axi_arid, addr: s_axi_araddr, len: s_axi_arlen, left: s_axi_arlen,
                   size: s_axi_arsize, burst: s_axi_arburst};
    end else if (s_axi_rready) begin
      ar_shown = advance(ar_q);
    end
    shown = is_known(ar_shown) ? value_at(32'(ar_shown.addr)) : '1;
    if (!is_aligned(ar_shown) || ar_shown.size < 3'd2) shown = '0;
    else if (ar_shown.size == 3'd2) shown = {shown[31:0], shown[31:0]};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reading_q   <= 1'b0;
      ar_q        <= '0;
      s_axi_rresp <= Okay;
      s_axi_rdata <= '0;
    end else begin
      reading_q <= reading_q ? !(s_axi_rready && s_axi_rlast) : s_axi_arvalid;
      // A beat that waits for RREADY stays as it is, whatever is written meanwhile.
      if (!reading_q || s_axi_rready) begin
        ar_q        <= ar_shown;
        s_axi_rresp <= is_aligned(ar_shown) ? Okay : Slverr;
        s_axi_rdata <= shown;
      end
    end
  end

  logic unused;
  assign unused = ^{s_axi_wlast, s_axi_awlock, s_axi_awcache, s_axi_awprot, s_axi_awqos, s_axi_awregion,
                    s_axi_arlock, s_axi_arcache, s_axi_arprot, s_axi_arqos, s_axi_arregion};
endmodule
