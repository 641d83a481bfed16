// SPDX-License-Identifier: Apache-2.0
//
// axi4_ram: Depth bus words of memory behind full AXI4, with byte strobes.
//
// The first word lies at address 0. A burst that touches anything beyond the last word gets SLVERR: a read on the
// beats that do, with data 0; a write on its response, after its other beats were stored. Reset clears the bus, not the
// memory: at power-up it holds anything (in simulation, random values from the seed).
//
// On the bus:
// - INCR, FIXED and WRAP bursts of any size up to the bus word, narrow and unaligned.
// - One write burst and one read burst are under way at a time; the next address is taken after the last response. In a
//   write, data is taken after its address; a beat is taken in each cycle. In a read the first beat appears one cycle
//   after the address was taken, and one in each cycle after that.
// - Responses carry the ID of their request. A read beat in the cycle of a write to the same word gets the old word.
// - A read beat carries the whole bus word, also where its size is narrower.
// - xLOCK is ignored (an exclusive access gets OKAY, so it failed); so are xCACHE, xPROT, xQOS and xREGION.
// - DECERR is never answered.

module axi4_ram #(
  // 12 to 32.
  parameter int unsigned AddrWidth = 16,
  // 8 to 1024, a power of two.
  parameter int unsigned DataWidth = 32,
  // At least 1.
  parameter int unsigned IdWidth = 4,
  // Words, at least 2.
  parameter int unsigned Depth = 1024
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic [    IdWidth-1:0] s_axi_awid,
  input  logic [  AddrWidth-1:0] s_axi_awaddr,
  input  logic [            7:0] s_axi_awlen,
  input  logic [            2:0] s_axi_awsize,
  input  logic [            1:0] s_axi_awburst,
  input  logic                   s_axi_awlock,
  input  logic [            3:0] s_axi_awcache,
  input  logic [            2:0] s_axi_awprot,
  input  logic [            3:0] s_axi_awqos,
  input  logic [            3:0] s_axi_awregion,
  input  logic                   s_axi_awvalid,
  output logic                   s_axi_awready,

  input  logic [  DataWidth-1:0] s_axi_wdata,
  input  logic [DataWidth/8-1:0] s_axi_wstrb,
  input  logic                   s_axi_wlast,
  input  logic                   s_axi_wvalid,
  output logic                   s_axi_wready,

  output logic [    IdWidth-1:0] s_axi_bid,
  output logic [            1:0] s_axi_bresp,
  output logic                   s_axi_bvalid,
  input  logic                   s_axi_bready,

  input  logic [    IdWidth-1:0] s_axi_arid,
  input  logic [  AddrWidth-1:0] s_axi_araddr,
  input  logic [            7:0] s_axi_arlen,
  input  logic [            2:0] s_axi_arsize,
  input  logic [            1:0] s_axi_arburst,
  input  logic                   s_axi_arlock,
  input  logic [            3:0] s_axi_arcache,
  input  logic [            2:0] s_axi_arprot,
  input  logic [            3:0] s_axi_arqos,
  input  logic [            3:0] s_axi_arregion,
  input  logic                   s_axi_arvalid,
  output logic                   s_axi_arready,

  output logic [    IdWidth-1:0] s_axi_rid,
  output logic [  DataWidth-1:0] s_axi_rdata,
  output logic [            1:0] s_axi_rresp,
  output logic                   s_axi_rlast,
  output logic                   s_axi_rvalid,
  input  logic                   s_axi_rready
);

  localparam logic [1:0] Okay = 2'b00;
  localparam logic [1:0] Slverr = 2'b10;

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

  // ---- the memory

  localparam int unsigned WordLsb = $clog2(DataWidth / 8);
  localparam int unsigned IndexBits = $clog2(Depth);

  logic [DataWidth-1:0] memory_q [Depth];

  function automatic logic [31:0] word_of(logic [AddrWidth-1:0] address);
    return 32'(address) >> WordLsb;
  endfunction

  // ---- writes

  typedef enum logic [1:0] {WriteIdle, WriteData, WriteAnswer} write_state_e;

  write_state_e write_q;
  burst_t       aw_q;
  logic         write_beat, write_inside;

  assign s_axi_awready = write_q == WriteIdle;
  assign s_axi_wready  = write_q == WriteData;
  assign s_axi_bvalid  = write_q == WriteAnswer;
  assign s_axi_bid     = aw_q.id;
  assign write_beat    = s_axi_wvalid && s_axi_wready;
  assign write_inside  = word_of(aw_q.addr) < Depth;

  logic [IndexBits-1:0] write_index;
  assign write_index = IndexBits'(word_of(aw_q.addr));

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < DataWidth / 8; i++) begin
      if (write_beat && write_inside && s_axi_wstrb[i]) memory_q[write_index][8*i+:8] <= s_axi_wdata[8*i+:8];
    end
  end

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
          if (!write_inside && s_axi_wstrb != '0) s_axi_bresp <= Slverr;
          if (aw_q.left == '0) write_q <= WriteAnswer;
        end
        WriteAnswer: if (s_axi_bready) write_q <= WriteIdle;
        default:     write_q <= WriteIdle;
      endcase
    end
  end

  // ---- reads

  logic   reading_q;
  burst_t ar_q, ar_shown;  // the beat that is offered, and the one that will be after this cycle
  logic   ar_shown_inside;

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
  end

  assign ar_shown_inside = word_of(ar_shown.addr) < Depth;

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
        s_axi_rresp <= ar_shown_inside ? Okay : Slverr;
        s_axi_rdata <= ar_shown_inside ? memory_q[IndexBits'(word_of(ar_shown.addr))] : '0;
      end
    end
  end

  logic unused;
  assign unused = ^{s_axi_wlast, s_axi_awlock, s_axi_awcache, s_axi_awprot, s_axi_awqos, s_axi_awregion,
                    s_axi_arlock, s_axi_arcache, s_axi_arprot, s_axi_arqos, s_axi_arregion};
endmodule
