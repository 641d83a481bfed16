// SPDX-License-Identifier: Apache-2.0
//
// Manager BFM of the local bus of Corsair's register maps: carries out the beats that it pulls from trapline_dpi_pkg,
// one at a time.
//
// What it promises to the device (Corsair's manual, "Local Bus"):
// - All outputs are registered. A write holds WEN, WADDR, WDATA and WSTRB until a clock edge at which WREADY is high; a
//   read holds REN and RADDR until one at which RVALID is high, where RDATA is taken. Then WEN or REN falls for a cycle
//   at least. A write and a read are never under way together.
// - Addresses are byte addresses, aligned down to the bus word. WSTRB names the bytes that a write changes.
// - The model's --stall delays WEN (aw) and REN (ar).
// - From power-up and in reset WEN and REN are low, and they stay low for SettleCycles after it. The rest is random
//   ($urandom) while its WEN or REN is low.
//
// In odd cases:
// - The bus has no errors.
// - A transfer that takes more clock cycles than its budget ends the beat as timed out; WEN and REN stay as they are,
//   and no new beat is asked for until reset.

module localbus_manager_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --port arguments of the model.
  parameter int unsigned Port = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8 to 1024, a power of two.
  parameter int unsigned DataWidth = 32
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  output logic [  AddrWidth-1:0] waddr_o,
  output logic [  DataWidth-1:0] wdata_o,
  output logic                   wen_o,
  output logic [DataWidth/8-1:0] wstrb_o,
  input  logic                   wready_i,
  output logic [  AddrWidth-1:0] raddr_o,
  output logic                   ren_o,
  input  logic [  DataWidth-1:0] rdata_i,
  input  logic                   rvalid_i
);

  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);

  typedef enum logic [1:0] {
    Settle,    // reset was released a moment ago
    Idle,      // no beat: pull one
    Transfer,
    Stuck      // nothing ever came: only reset helps
  } state_e;

  state_e          state_q;
  longint unsigned waited_q;
  longint unsigned budget;
  stalls_t         stalls;

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial begin
    {wen_o, ren_o} = '0;
  end

  initial begin
    c_dpi_open_port(Port, AddrWidth, DataWidth, 1);
    budget = c_dpi_max_cycles();
    stalls = get_stalls();
  end

  logic ends;  // the transfer, at this edge
  assign ends = (wen_o && wready_i) || (ren_o && rvalid_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin : beat
    // Whole slices: a narrower bus leaves upper bits unused.
    // verilator lint_off UNUSEDSIGNAL
    bit                          write;
    longint unsigned             address;
    bit [  SliceBits*Slices-1:0] data;
    bit [SliceBits/8*Slices-1:0] strobe;
    // verilator lint_on UNUSEDSIGNAL
    bit                          due;  // not offered yet

    if (!rst_ni) begin
      state_q  <= Settle;
      waited_q <= 0;
      due      = 1'b0;
      {wen_o, ren_o} <= 2'b00;
      {waddr_o, wstrb_o} <= (AddrWidth + DataWidth / 8)'({4{noise()}});
      {raddr_o, wdata_o} <= (AddrWidth + DataWidth)'({Slices + 1{noise()}});
    end else begin
      if (state_q != Idle) waited_q <= waited_q + 1;

      case (state_q)
        Settle: if (has_settled(waited_q)) state_q <= Idle;

        Idle: if (c_dpi_has_work(Port)) begin
          waited_q <= 0;
          if (c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0])) begin
            for (int unsigned i = 1; i < Slices; i++) c_dpi_get_slice(Port, i, data[64*i+:64], strobe[8*i+:8]);
            due     = 1'b1;
            state_q <= Transfer;
          end
        end

        Transfer: if (ends) begin
          data = wen_o ? '0 : (SliceBits * Slices)'(rdata_i);
          if (!wen_o && $isunknown(rdata_i)) c_dpi_put_unknown(Port, unknown_bits(seen_word_t'(rdata_i)));
          for (int unsigned i = 1; i < Slices; i++) c_dpi_put_slice(Port, i, data[64*i+:64]);
          c_dpi_end_beat(Port, BeatOkay, data[63:0]);
          {wen_o, ren_o} <= 2'b00;
          {waddr_o, wstrb_o} <= (AddrWidth + DataWidth / 8)'({4{noise()}});
          {raddr_o, wdata_o} <= (AddrWidth + DataWidth)'({Slices + 1{noise()}});
          state_q <= Idle;
        end else if (waited_q >= budget) begin
          c_dpi_time_out(Port, $sformatf("%s stayed low for %0d cycles (local bus; WEN=%b WREADY=%b REN=%b RVALID=%b)",
            write ? "WREADY" : "RVALID", budget, wen_o, wready_i, ren_o, rvalid_i));
          due     = 1'b0;
          state_q <= Stuck;
        end

        // The mailbox answers what is queued for a stuck port when it is asked.
        Stuck: void'(c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0]));

        default: state_q <= Settle;
      endcase

      if (due && !held_back(write ? stalls.aw : stalls.ar)) begin
        due            = 1'b0;
        {wen_o, ren_o} <= {write, !write};
        if (write) begin
          waddr_o <= AddrWidth'(address);
          wdata_o <= DataWidth'(data);
          wstrb_o <= (DataWidth / 8)'(strobe);
        end else begin
          raddr_o <= AddrWidth'(address);
        end
      end
    end
  end
endmodule
