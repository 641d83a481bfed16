// SPDX-License-Identifier: Apache-2.0
//
// Consumes descriptors of host memory, as NICs and disks do: a doorbell makes it fetch one in the very next cycle, and
// some time later it writes a completion beside it. AXI4-Lite on both sides.
//
//   0x00 BASE      bus address of the ring: words of descriptors, then completions from 0x800 on
//   0x04 DOORBELL  write: the index of a descriptor to be fetched; waits while the one before is at work
//   0x08 LAST      the descriptor that was fetched last
//   0x0c DONE      completions that were written; any write takes the interrupt back
//   0x10 DELAY     cycles between fetch and completion
//
// The completion is the descriptor with its highest bit set. irq_o is high from then until DONE is written.

module descriptor_ring (
  input  logic        clk_i,
  input  logic        rst_ni,

  output logic [31:0] m_axil_awaddr,
  output logic        m_axil_awvalid,
  input  logic        m_axil_awready,
  output logic [31:0] m_axil_wdata,
  output logic [3:0]  m_axil_wstrb,
  output logic        m_axil_wvalid,
  input  logic        m_axil_wready,
  input  logic [1:0]  m_axil_bresp,
  input  logic        m_axil_bvalid,
  output logic        m_axil_bready,
  output logic [31:0] m_axil_araddr,
  output logic        m_axil_arvalid,
  input  logic        m_axil_arready,
  input  logic [31:0] m_axil_rdata,
  input  logic [1:0]  m_axil_rresp,
  input  logic        m_axil_rvalid,
  output logic        m_axil_rready,

  input  logic [7:0]  s_axil_awaddr,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic [3:0]  s_axil_wstrb,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [1:0]  s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [7:0]  s_axil_araddr,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [1:0]  s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready,

  output logic        irq_o
);

  localparam logic [31:0] Completions = 32'h800;

  typedef enum logic [1:0] {Idle, Fetch, Delay, Complete} state_e;

  state_e      state;
  logic [31:0] base, index, last, done, delay, left;
  logic        fetch_due, address_due, data_due;

  wire is_doorbell = s_axil_awaddr == 8'h04;
  wire write = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid && !(is_doorbell && state != Idle);
  wire read = s_axil_arvalid && !s_axil_rvalid;

  assign {s_axil_awready, s_axil_wready, s_axil_arready} = {write, write, read};
  assign {s_axil_bresp, s_axil_rresp} = '0;

  assign m_axil_araddr  = base + 4 * index;
  assign m_axil_arvalid = fetch_due;
  assign m_axil_rready  = 1'b1;
  assign m_axil_awaddr  = base + Completions + 4 * index;
  assign m_axil_awvalid = address_due;
  assign m_axil_wdata   = 32'h8000_0000 | last;
  assign m_axil_wstrb   = '1;
  assign m_axil_wvalid  = data_due;
  assign m_axil_bready  = 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state <= Idle;
      {base, index, last, done, delay, left, fetch_due, address_due, data_due, irq_o} <= '0;
      {s_axil_bvalid, s_axil_rvalid, s_axil_rdata} <= '0;
    end else begin
      if (s_axil_bready) s_axil_bvalid <= 1'b0;
      if (s_axil_rready) s_axil_rvalid <= 1'b0;
      if (m_axil_arready) fetch_due <= 1'b0;
      if (m_axil_awready) address_due <= 1'b0;
      if (m_axil_wready) data_due <= 1'b0;
      case (state)
        Fetch:
          if (m_axil_rvalid) begin
            last <= m_axil_rdata;
            {state, left} <= {Delay, delay};
          end
        Delay:
          if (left != 0) left <= left - 1;
          else {state, address_due, data_due} <= {Complete, 2'b11};
        Complete:
          if (m_axil_bvalid) begin
            done <= done + 1;
            irq_o <= 1'b1;
            state <= Idle;
          end
        default: ;
      endcase
      if (write) begin
        s_axil_bvalid <= 1'b1;
        case (s_axil_awaddr)
          8'h00: base <= s_axil_wdata;
          8'h04: begin
            index <= s_axil_wdata;
            {state, fetch_due} <= {Fetch, 1'b1};
          end
          8'h0c: irq_o <= 1'b0;
          8'h10: delay <= s_axil_wdata;
          default: ;
        endcase
      end
      if (read) begin
        s_axil_rvalid <= 1'b1;
        case (s_axil_araddr)
          8'h00:   s_axil_rdata <= base;
          8'h08:   s_axil_rdata <= last;
          8'h0c:   s_axil_rdata <= done;
          8'h10:   s_axil_rdata <= delay;
          default: s_axil_rdata <= '0;
        endcase
      end
    end
  end

  logic unused;
  assign unused = ^{s_axil_wstrb, m_axil_bresp, m_axil_rresp};
endmodule
