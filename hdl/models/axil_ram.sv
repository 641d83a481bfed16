// SPDX-License-Identifier: Apache-2.0
//
// axil_ram: Depth bus words of memory with byte strobes.
//
// The first word lies at address 0; an access beyond the last one is answered with SLVERR. Reset clears the bus, not
// the memory: at power-up it holds anything (in simulation, random values from the seed).
//
// On the bus:
// - A write's address and data may come in any order; the write happens in the cycle that completes the two, and its
//   response appears one cycle later. So does a read's. One read and one write can be under way at once; a read in the
//   cycle of a write to the same word gets the old word.
// - A write without strobes is answered with OKAY and changes nothing. xPROT is ignored.
// - Address bits below the bus word are ignored.
// - SLVERR comes with data 0. DECERR is never answered.

module axil_ram #(
  // 6 to 32.
  parameter int unsigned AddrWidth = 12,
  // 8 to 1024, a power of two.
  parameter int unsigned DataWidth = 32,
  // Words, at least 1.
  parameter int unsigned Depth = 1024
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic [  AddrWidth-1:0] s_axil_awaddr,
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
  input  logic [  AddrWidth-1:0] s_axil_araddr,
  input  logic [            2:0] s_axil_arprot,
  input  logic                   s_axil_arvalid,
  output logic                   s_axil_arready,
  output logic [  DataWidth-1:0] s_axil_rdata,
  output logic [            1:0] s_axil_rresp,
  output logic                   s_axil_rvalid,
  input  logic                   s_axil_rready
);

  // One write and one read, as the bus section makes them out of the five channels.
  logic                   write, write_error, read, read_error;
  logic [  AddrWidth-1:0] write_addr, read_addr;
  logic [  DataWidth-1:0] write_data, read_data;
  logic [DataWidth/8-1:0] write_strb;

  // ---- the memory

  localparam int unsigned WordLsb = $clog2(DataWidth / 8);
  localparam int unsigned IndexBits = Depth > 1 ? $clog2(Depth) : 1;

  logic [DataWidth-1:0] memory_q [Depth];

  logic [31:0]          write_word, read_word;
  logic [IndexBits-1:0] write_index, read_index;

  assign write_word  = 32'(write_addr) >> WordLsb;
  assign read_word   = 32'(read_addr) >> WordLsb;
  assign write_index = IndexBits'(write_word);
  assign read_index  = IndexBits'(read_word);

  assign write_error = write_word >= Depth && write_strb != '0;
  assign read_error  = read_word >= Depth;
  assign read_data   = memory_q[read_index];

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < DataWidth / 8; i++) begin
      if (write && !write_error && write_strb[i]) memory_q[write_index][8*i+:8] <= write_data[8*i+:8];
    end
  end

  // ---- the bus

  // What came first of a write waits here for the other, or for the earlier response to be taken.
  logic                   aw_held_q, w_held_q;
  logic [  AddrWidth-1:0] aw_addr_q;
  logic [  DataWidth-1:0] w_data_q;
  logic [DataWidth/8-1:0] w_strb_q;

  assign s_axil_awready = !aw_held_q;
  assign s_axil_wready  = !w_held_q;
  assign write_addr     = aw_held_q ? aw_addr_q : s_axil_awaddr;
  assign write_data     = w_held_q ? w_data_q : s_axil_wdata;
  assign write_strb     = w_held_q ? w_strb_q : s_axil_wstrb;
  assign write = (aw_held_q || s_axil_awvalid) && (w_held_q || s_axil_wvalid) && !s_axil_bvalid;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_held_q     <= 1'b0;
      w_held_q      <= 1'b0;
      s_axil_bvalid <= 1'b0;
      s_axil_bresp  <= 2'b00;
    end else begin
      aw_held_q <= !write && (aw_held_q || s_axil_awvalid);
      w_held_q  <= !write && (w_held_q || s_axil_wvalid);
      if (write) s_axil_bresp <= write_error ? 2'b10 : 2'b00;
      s_axil_bvalid <= write || (s_axil_bvalid && !s_axil_bready);
    end
  end

  always_ff @(posedge clk_i) begin
    aw_addr_q <= write_addr;
    w_data_q  <= write_data;
    w_strb_q  <= write_strb;
  end

  assign s_axil_arready = !s_axil_rvalid;
  assign read           = s_axil_arvalid && s_axil_arready;
  assign read_addr      = s_axil_araddr;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      s_axil_rvalid <= 1'b0;
      s_axil_rresp  <= 2'b00;
      s_axil_rdata  <= '0;
    end else begin
      if (read) s_axil_rresp <= read_error ? 2'b10 : 2'b00;
      if (read) s_axil_rdata <= read_error ? '0 : read_data;
      s_axil_rvalid <= read || (s_axil_rvalid && !s_axil_rready);
    end
  end

  logic unused_prot;
  assign unused_prot = ^{s_axil_awprot, s_axil_arprot};
endmodule
