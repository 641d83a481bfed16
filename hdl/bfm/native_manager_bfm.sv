// SPDX-License-Identifier: Apache-2.0
//
// Manager BFM of the native buses that small cores have, which no standard describes: carries out the beats that it
// pulls from trapline_dpi_pkg, one at a time. Three kinds of names, one behaviour:
//
//   cs, we, address, write_data, read_data   a select and a direction; ready, error and byte enables where there are
//                                            some
//   we, re, address, …                       a request of its own for each direction
//   valid, ready, addr, wdata, wstrb, rdata  PicoRV32's memory interface: strobes of 0 make it a read
//
// What it promises to the device:
// - All outputs are registers. CS (and RE, WE, as far as they apply) rise with address, data and byte enables, stay
//   unchanged until a clock edge at which READY is high, and then are low for a cycle at least. A device without READY
//   takes each request at its first edge.
// - Read data and the error are taken at that edge, or ReadLatency clock edges after it.
// - BE names the bytes of interest, of reads too; WSTRB is 0 in reads. WE is as wide as the strobes: with ByteWrites it
//   carries them in writes, else all of its bits are alike.
// - The model's --stall delays requests: aw those of writes, ar those of reads.
// - From power-up and in reset CS, WE and RE are low, and they stay low for SettleCycles after it. While they are low
//   the rest is random ($urandom), but WSTRB is 0.
//
// In odd cases:
// - ERROR counts as SLVERR.
// - A request that takes more cycles than its budget ends the beat as timed out; it stays as it is, and no new beat is
//   asked for until reset.

module native_manager_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --port arguments of the model.
  parameter int unsigned Port = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8 to 1024, a power of two.
  parameter int unsigned DataWidth = 32,
  // Clock edges from the one that ends a request to the one at which its read data are there.
  parameter int unsigned ReadLatency = 0,
  // Whether the device has a bit of WE per byte.
  parameter bit ByteWrites = 1'b0
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  output logic                   cs_o,
  output logic [DataWidth/8-1:0] we_o,
  output logic                   re_o,
  output logic [  AddrWidth-1:0] addr_o,
  output logic [  DataWidth-1:0] wdata_o,
  output logic [DataWidth/8-1:0] be_o,
  output logic [DataWidth/8-1:0] wstrb_o,
  input  logic [  DataWidth-1:0] rdata_i,
  input  logic                   ready_i,
  input  logic                   error_i
);

  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);

  typedef enum logic [2:0] {
    Settle,    // reset was released a moment ago
    Idle,      // no beat: pull one
    Request,
    Latency,   // the request was taken, its data are on their way
    Stuck      // nothing ever came: only reset helps
  } state_e;

  state_e          state_q;
  longint unsigned waited_q;
  longint unsigned budget;
  int unsigned     latency_q;  // edges until the data are there
  stalls_t         stalls;

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial begin
    {cs_o, re_o} = '0;
    {we_o, wstrb_o} = '0;
  end

  initial begin
    c_dpi_open_port(Port, AddrWidth, DataWidth, 1);
    budget = c_dpi_max_cycles();
    stalls = get_stalls();
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : beat
    // Whole slices: a narrower bus leaves upper bits unused.
    // verilator lint_off UNUSEDSIGNAL
    bit              write;
    longint unsigned address;
    bit [  SliceBits*Slices-1:0] data;
    bit [SliceBits/8*Slices-1:0] strobe;
    // verilator lint_on UNUSEDSIGNAL
    bit              due;    // not offered yet
    bit              ended;  // at this edge

    if (!rst_ni) begin
      state_q   <= Settle;
      waited_q  <= 0;
      latency_q <= 0;
      due       = 1'b0;
      {cs_o, re_o} <= 2'b00;
      {we_o, wstrb_o} <= '0;
      {addr_o, be_o} <= (AddrWidth + DataWidth / 8)'({4{noise()}});
      wdata_o  <= DataWidth'({Slices{noise()}});
    end else begin
      if (state_q != Idle) waited_q <= waited_q + 1;
      ended    = 1'b0;

      case (state_q)
        Settle: if (has_settled(waited_q)) state_q <= Idle;

        Idle: if (c_dpi_has_work(Port)) begin
          waited_q <= 0;
          if (c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0])) begin
            for (int unsigned i = 1; i < Slices; i++) c_dpi_get_slice(Port, i, data[64*i+:64], strobe[8*i+:8]);
            due     = 1'b1;
            state_q <= Request;
          end
        end

        Request: if (cs_o && ready_i) begin
          {cs_o, re_o} <= 2'b00;
          {we_o, wstrb_o} <= '0;
          {addr_o, be_o} <= (AddrWidth + DataWidth / 8)'({4{noise()}});
          wdata_o <= DataWidth'({Slices{noise()}});
          ended = write || ReadLatency == 0;
          latency_q <= ReadLatency;
          state_q   <= Latency;
        end else if (waited_q >= budget) begin
          c_dpi_time_out(Port, $sformatf("READY stayed low for %0d cycles (native; CS=%b WE=%b READY=%b)",
                                         budget, cs_o, write, ready_i));
          due     = 1'b0;
          state_q <= Stuck;
        end

        Latency: begin
          latency_q <= latency_q - 1;
          ended = latency_q == 1;
        end

        // The mailbox answers what is queued for a stuck port when it is asked.
        Stuck: void'(c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0]));

        default: state_q <= Settle;
      endcase

      if (ended) begin
        data = write ? '0 : (SliceBits * Slices)'(rdata_i);
        if (!write && $isunknown(rdata_i)) c_dpi_put_unknown(Port, unknown_bits(seen_word_t'(rdata_i)));
        for (int unsigned i = 1; i < Slices; i++) c_dpi_put_slice(Port, i, data[64*i+:64]);
        if ($isunknown(error_i)) c_dpi_report_unknown(Port, $sformatf("ERROR is %b", error_i));
        c_dpi_end_beat(Port, error_i ? BeatSlverr : BeatOkay, data[63:0]);
        state_q <= Idle;
      end

      if (due && !cs_o && !held_back(write ? stalls.aw : stalls.ar)) begin
        due     = 1'b0;
        cs_o    <= 1'b1;
        re_o    <= !write;
        we_o    <= !write ? '0 : ByteWrites ? (DataWidth / 8)'(strobe) : '1;
        addr_o  <= AddrWidth'(address);
        wdata_o <= DataWidth'(data);
        be_o    <= (DataWidth / 8)'(strobe);
        wstrb_o <= write ? (DataWidth / 8)'(strobe) : '0;
      end
    end
  end
endmodule
